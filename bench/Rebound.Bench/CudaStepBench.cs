using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training;
using Rebound.Training.Methods;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Bench;

/// <summary>
/// Whole training steps on a GPU, random weights and real documents, beside the peer on the same documents in the same run:
/// <c>cuda-steps ROWS [SHAPE…] [--steps N] [--tokens N] [--accumulation N] [--moments bfloat16] [--method NAME] [--blocks TYPE]
/// [--checkpointing] [--python PROGRAM]</c>.
/// ROWS is what <c>rebound data render</c> writes, or random:N for documents of N random tokens; frozen weights are bf16, or in blocks of
/// a TYPE; with checkpointing activations are computed again; without tokens of a batch it is as many as <c>rebound train</c> would take;
/// without a PROGRAM there is no peer. With a method every other document is a failure of the question of the one before it.
/// </summary>
internal static class CudaStepBench
{
    private const int WarmUpSteps = 3;
    private const double GiB = 1L << 30;

    /// <summary>Share of a step's batches that documents fill, so that a step of longer ones than usual needs no batch more.</summary>
    private const double Filled = 0.95;

    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0 || (RandomLength(arguments[0]) is null && !File.Exists(arguments[0])))
        {
            Console.Error.WriteLine(
                $"usage: Rebound.Bench cuda-steps ROWS [{string.Join('|', CudaStepShape.All.Select(shape => shape.Name))} …] [--steps N] "
                    + "[--tokens N] [--accumulation N] [--moments bfloat16] [--method NAME] [--blocks TYPE] [--checkpointing] [--python PROGRAM]");
            return 2;
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-steps: {absence}.");
            return 1;
        }

        var documents = RandomLength(arguments[0]) is { } length ? RandomDocuments(length) : ReadRows(arguments[0]);
        var lengths = documents.Select(document => document.Tokens.Length).Order().ToArray();
        Console.WriteLine(
            $"{documents.Length} documents of {lengths.Average():f0} tokens (median {lengths[lengths.Length / 2]}, at most {lengths[^1]})");
        var python = Arguments.Option(arguments, "--python");
        var shapes = CudaStepShape.All.Where(shape => arguments.Contains(shape.Name)).ToArray();
        var comparison = new List<(string Shape, StepRate Own, StepRate? Peer)>();
        foreach (var shape in shapes.Length > 0 ? shapes : [.. CudaStepShape.All])
        {
            // The GPU is free again when the peer begins.
            var own = Measure(shape, documents, arguments);
            comparison.Add((shape.Name, own, python is null ? null : MeasurePeer(python, shape.Name, arguments[0])));
        }

        Console.WriteLine();
        if (python is null)
        {
            Console.WriteLine("No peer was measured: --python names a Python that has PyTorch, transformers and peft.");
            return 0;
        }

        Console.WriteLine($"{"shape",-16}{"Rebound, tokens/s",20}{"peak GiB",10}{"peer, tokens/s",18}{"peak GiB",10}{"times as fast",15}");
        foreach (var (shape, own, peer) in comparison)
        {
            var beside = peer is null
                ? $"{"–",18}"
                : $"{peer.TokensPerSecond,18:n0}{peer.PeakGiB,10:f1}{own.TokensPerSecond / peer.TokensPerSecond,15:f2}";
            Console.WriteLine($"{shape,-16}{own.TokensPerSecond,20:n0}{own.PeakGiB,10:f1}{beside}");
        }

        return 0;
    }

    private static StepRate Measure(CudaStepShape shape, TokenizedDocument[] documents, string[] arguments)
    {
        var steps = int.Parse(Arguments.Option(arguments, "--steps") ?? "5");
        var start = Stopwatch.GetTimestamp();
        using var backend = new TimedBackend(new CudaBackend());
        var adapter = shape.Lora is null ? null : LoraLayout.For(shape.Config, shape.Lora);
        var options = Options(backend, shape, adapter, documents, arguments, steps);
        var data = LearningSetOf(documents, Arguments.Option(arguments, "--method"));
        var plan = new TrainingPlan(data, options);
        using var weights = RandomBlocks.Of(shape.Config, RandomBlocks.Find(Arguments.Option(arguments, "--blocks")));
        var memory = MemoryPlan.Of(
            backend, shape.Config, adapter, options, plan.LargestBatch, 0, processBytes: 0,
            frozenBytes: adapter is null ? null : ParameterSet.BytesOf(backend, ParameterTable.For(shape.Config), weights));
        using var model = LlamaModel.Load(backend, shape.Config, weights, trained: adapter is null);
        if (shape.Lora is not null)
        {
            model.Attach(LoraAdapter.Initialize(backend, shape.Config, shape.Lora, seed: 1));
        }

        using var trainer = new Trainer(model, plan, options, TimeProvider.System);
        Console.WriteLine();
        Console.WriteLine(
            $"{shape.Name} on {backend.Description}: {memory.Parameters / 1e9:f3} B parameters, "
            + $"{memory.TrainableParameters / 1e9:f3} B trained, {options.Optimizer.MomentType} moments; {plan.StepDocuments} documents a "
            + $"step in batches of at most {options.PackTokens} tokens, {plan.LargestBatch} in the largest; ready after "
            + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
        var (measured, excluded, timed) = Train(trainer, backend, steps);
        var median = measured[measured.Length / 2];
        var (rate, peak) = (median.TokensPerSecond, backend.PeakBytes!.Value);
        var share = adapter is null ? $", {6.0 * Parameters(shape) * rate / Ceilings.DataSheetFlopsPerSecond:p1} MFU" : "";
        Console.WriteLine(
            $"  {rate:n0} tokens/s, {median.SupervisedTokensPerSecond:n0} supervised{share}, in the median step of {measured.Length}; "
            + $"{measured[0].TokensPerSecond:n0} in the slowest, {measured[^1].TokensPerSecond:n0} in the fastest; {median.Tokens:n0} "
            + $"tokens a step; loss {timed.Loss:f4}");
        Console.WriteLine(
            $"  {(excluded.Length == 0 ? "no step" : $"steps {string.Join(", ", excluded)}")} left out after the {WarmUpSteps} to warm up: "
                + "algorithms were measured in them for batches of a new size");
        Console.WriteLine(
            $"  peak memory {peak / GiB:f2} GiB, planned {memory.Peak / GiB:f2} ({memory.Peak / (double)peak - 1:+0.0%;-0.0%}): "
            + $"weights {memory.Weights / GiB:f2}, gradients and moments {memory.OptimizerState / GiB:f2}, activations "
            + $"{memory.Activations / GiB:f2}");
        Print(backend.TakeTimes(), timed);
        return new StepRate(rate, peak / GiB);
    }

    private static LearningSet LearningSetOf(TokenizedDocument[] documents, string? method) =>
        TrainingMethods.Find(method) is not { } chosen
            ? LearningSet.Plain(documents)
            : LearningSet.Of(
                [
                    .. documents.Select((document, index) => document with
                    {
                        Outcome = index % 2 == 0 ? Outcome.Positive : Outcome.Negative,
                        Question = $"{index / 2}",
                        Row = index + 1,
                    }),
                ],
                chosen,
                new MethodOptions(),
                seed: 1);

    private static TrainingOptions Options(
        TimedBackend backend, CudaStepShape shape, LoraLayout? adapter, TokenizedDocument[] documents, string[] arguments, int steps)
    {
        var options = new TrainingOptions
        {
            AccumulationSteps = int.Parse(Arguments.Option(arguments, "--accumulation") ?? "4"),
            MaxSteps = WarmUpSteps + (4 * steps),
            LearningRate = 1e-5,
            RecomputeBlocks = arguments.Contains("--checkpointing"),
            Optimizer = new AdamWOptions
            {
                MaxGradientNorm = 1,
                MomentType = Arguments.Option(arguments, "--moments") == "bfloat16" ? DType.BFloat16 : DType.Float32,
            },
        };
        var tokens = Arguments.Option(arguments, "--tokens") is { } given
            ? int.Parse(given)
            : MicroBatch.TokensThatFit(backend, shape.Config, adapter, options);
        var together = Arguments.Option(arguments, "--method") == TrainingMethod.Dpo.Name() ? 2 : 1;
        var documentsOfBatch = (int)(Filled * tokens / documents.Average(document => document.Tokens.Length) / together);
        return options with { PackTokens = tokens, BatchSize = Math.Max(1, documentsOfBatch) };
    }

    /// <summary>Runs until so many steps were measured, and one more with every operation between two events.</summary>
    /// <returns>The measured steps, the slowest first; numbers of those that prepared something; the one with events.</returns>
    private static (StepReport[] Measured, int[] Excluded, StepReport Timed) Train(Trainer trainer, TimedBackend backend, int steps)
    {
        var (measured, excluded, prepared) = (new List<StepReport>(), new List<int>(), 0);
        foreach (var report in trainer.Run())
        {
            var steady = backend.Preparations == prepared;
            prepared = backend.Preparations;
            if (report.Step <= WarmUpSteps)
            {
                Console.WriteLine($"  step {report.Step}: {report.Seconds:f2} s, loss {report.Loss:f4}, to warm up");
            }
            else if (!steady)
            {
                excluded.Add(report.Step);
                backend.TakeTimes();
            }
            else if (backend.IsTiming)
            {
                return ([.. measured.OrderBy(step => step.TokensPerSecond)], [.. excluded], report);
            }
            else
            {
                measured.Add(report);
            }

            backend.IsTiming = measured.Count == steps;
        }

        throw new InvalidOperationException(
            $"Of {trainer.CompletedSteps} steps {excluded.Count} measured algorithms, so that {measured.Count} were left: ask for "
                + "more --steps.");
    }

    private static long Parameters(CudaStepShape shape) => ParameterTable.For(shape.Config).Count;

    private static void Print(IReadOnlyList<FamilyTime> families, StepReport step)
    {
        var (whole, sum) = (1e3 * step.Seconds, families.Sum(family => family.Milliseconds));
        Console.WriteLine(
            $"  one step more, each operation between two events: {step.Tokens:n0} tokens, {whole:f1} ms, {sum:f1} ms of them "
                + "in operations");
        Console.WriteLine($"  {"family",-26}{"calls",8}{"ms",10}{"floor ms",10}{"of floor",10}{"of step",9}");
        foreach (var family in families)
        {
            Console.WriteLine(
                $"  {family.Family,-26}{family.Calls,8}{family.Milliseconds,10:f2}{family.FloorMilliseconds,10:f2}"
                + $"{family.FloorMilliseconds / family.Milliseconds,10:p0}{family.Milliseconds / whole,9:p1}");
        }
    }

    private static StepRate? MeasurePeer(string python, string shape, string rows)
    {
        if (Peer.RunJson(python, Peer.Script("cuda_train.py"), shape, rows) is not { } json)
        {
            return null;
        }

        var rate = new StepRate((double)json["tokens_per_second"]!, (double)json["peak_gib"]!);
        Console.WriteLine($"  beside it {json["peer"]}: {rate.TokensPerSecond:n0} tokens/s, peak memory {rate.PeakGiB:f2} GiB");
        return rate;
    }

    /// <summary>N of <c>random:N</c>; null for anything else.</summary>
    private static int? RandomLength(string rows) =>
        rows.StartsWith("random:", StringComparison.Ordinal) && int.TryParse(rows["random:".Length..], out var length) ? length : null;

    private static TokenizedDocument[] RandomDocuments(int length)
    {
        const int Documents = 64, Vocabulary = 32_000;
        var random = new Random(1);
        return
        [
            .. Enumerable.Range(0, Documents).Select(i =>
            {
                int[] tokens = [.. Enumerable.Range(0, length).Select(_ => random.Next(Vocabulary))];
                return new TokenizedDocument($"{i}", "", tokens, tokens);
            }),
        ];
    }

    private static TokenizedDocument[] ReadRows(string path) =>
    [
        .. File.ReadLines(path).Select(line => JsonNode.Parse(line)!)
            .Select(row => new TokenizedDocument(
                (string)row["id"]!, "", [.. row["input_ids"]!.AsArray().Select(id => (int)id!)],
                [.. row["labels"]!.AsArray().Select(label => (int)label!)]))
            .Where(document => document.SupervisedTokens > 0),
    ];
}

/// <summary>What a side reached, and the memory that it took at its peak.</summary>
internal sealed record StepRate(double TokensPerSecond, double PeakGiB);
