using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training;
using Rebound.Trajectories.Rendering;

namespace Rebound.Bench;

/// <summary>
/// Whole training steps on a GPU, random weights and real documents, beside the peer on the same documents in the same run:
/// <c>cuda-steps ROWS [SHAPE…] [--steps N] [--pack-tokens N] [--accumulation N] [--moments bfloat16] [--python PROGRAM]</c>.
/// ROWS is what <c>rebound data render</c> writes; without a PROGRAM there is no peer.
/// </summary>
internal static class CudaStepBench
{
    private const int WarmUpSteps = 3;
    private const double GiB = 1L << 30;

    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0 || !File.Exists(arguments[0]))
        {
            Console.Error.WriteLine($"usage: Rebound.Bench cuda-steps ROWS [{string.Join('|', CudaStepShape.All.Select(shape => shape.Name))} …] [--steps N] [--pack-tokens N] [--accumulation N] [--moments bfloat16] [--python PROGRAM]");
            return 2;
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-steps: {absence}.");
            return 1;
        }

        var documents = ReadRows(arguments[0]);
        var lengths = documents.Select(document => document.Tokens.Length).Order().ToArray();
        Console.WriteLine($"{documents.Length} documents of {lengths.Average():f0} tokens (median {lengths[lengths.Length / 2]}, at most {lengths[^1]})");
        var chosen = CudaStepShape.All.Where(shape => arguments.Contains(shape.Name)).ToArray();
        foreach (var shape in chosen.Length > 0 ? chosen : CudaStepShape.All)
        {
            var own = Measure(shape, documents, arguments);
            if (Arguments.Option(arguments, "--python") is { } python)
            {
                ComparePeer(python, shape.Name, arguments[0], own);
            }
        }

        return 0;
    }

    /// <returns>Tokens per second.</returns>
    private static double Measure(CudaStepShape shape, TokenizedDocument[] documents, string[] arguments)
    {
        var steps = int.Parse(Arguments.Option(arguments, "--steps") ?? "5");
        var pack = int.Parse(Arguments.Option(arguments, "--pack-tokens") ?? $"{shape.PackTokens}");
        var options = new TrainingOptions
        {
            BatchSize = shape.Documents * pack / shape.PackTokens,
            AccumulationSteps = int.Parse(Arguments.Option(arguments, "--accumulation") ?? "4"),
            MaxSteps = WarmUpSteps + steps + 1,
            PackTokens = pack,
            LearningRate = 1e-5,
            Optimizer = new AdamWOptions
            {
                MaxGradientNorm = 1,
                MomentType = Arguments.Option(arguments, "--moments") == "bfloat16" ? DType.BFloat16 : DType.Float32,
            },
        };
        var start = Stopwatch.GetTimestamp();
        using var backend = new TimedBackend(new CudaBackend());
        var plan = new TrainingPlan(documents, options);
        var adapter = shape.Lora is null ? null : LoraLayout.For(shape.Config, shape.Lora);
        var memory = MemoryPlan.Of(backend, shape.Config, adapter, options, plan.LargestBatch, 0, processBytes: 0);
        using var weights = new RandomWeights(shape.Config);
        using var model = LlamaModel.Load(backend, shape.Config, weights, trained: adapter is null);
        if (shape.Lora is not null)
        {
            model.Attach(LoraAdapter.Initialize(backend, shape.Config, shape.Lora, seed: 1));
        }

        using var trainer = new Trainer(model, plan, options, TimeProvider.System);
        Console.WriteLine();
        Console.WriteLine(
            $"{shape.Name} on {backend.Description}: {memory.Parameters / 1e9:f3} B parameters, {memory.TrainableParameters / 1e9:f3} B trained, "
            + $"{options.Optimizer.MomentType} moments; {plan.StepDocuments} documents a step in batches of at most {plan.LargestBatch} tokens; "
            + $"ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
        var reports = new List<StepReport>();
        foreach (var report in trainer.Run())
        {
            reports.Add(report);
            if (report.Step <= WarmUpSteps)
            {
                Console.WriteLine($"  step {report.Step}: {report.Seconds:f2} s, loss {report.Loss:f4}, to warm up");
            }

            backend.IsTiming = report.Step == WarmUpSteps + steps;
        }

        var measured = reports.GetRange(WarmUpSteps, steps).OrderBy(step => step.TokensPerSecond).ToArray();
        var median = measured[steps / 2];
        var rate = median.TokensPerSecond;
        var share = adapter is null ? $", {6.0 * Parameters(shape) * rate / Ceilings.DataSheetFlopsPerSecond:p1} MFU" : "";
        Console.WriteLine(
            $"  {rate:n0} tokens/s, {median.SupervisedTokensPerSecond:n0} supervised{share}, in the median step of {steps}; "
            + $"{measured[0].TokensPerSecond:n0} in the slowest, {measured[^1].TokensPerSecond:n0} in the fastest; {median.Tokens:n0} tokens a step; "
            + $"loss {reports[^1].Loss:f4}");
        Console.WriteLine(
            $"  peak memory {backend.PeakBytes!.Value / GiB:f2} GiB, planned {memory.Peak / GiB:f2} ({memory.Peak / (double)backend.PeakBytes.Value - 1:+0.0%;-0.0%}): "
            + $"weights {memory.Weights / GiB:f2}, gradients and moments {memory.OptimizerState / GiB:f2}, activations {memory.Activations / GiB:f2}");
        Print(backend.TakeTimes(), reports[^1]);
        return rate;
    }

    private static long Parameters(CudaStepShape shape) => ParameterTable.For(shape.Config).Count;

    private static void Print(IReadOnlyList<FamilyTime> families, StepReport step)
    {
        var (whole, sum) = (1e3 * step.Seconds, families.Sum(family => family.Milliseconds));
        Console.WriteLine($"  one step more, each operation between two events: {step.Tokens:n0} tokens, {whole:f1} ms, {sum:f1} ms of them in operations");
        Console.WriteLine($"  {"family",-26}{"calls",8}{"ms",10}{"floor ms",10}{"of floor",10}{"of step",9}");
        foreach (var family in families)
        {
            Console.WriteLine(
                $"  {family.Family,-26}{family.Calls,8}{family.Milliseconds,10:f2}{family.FloorMilliseconds,10:f2}"
                + $"{family.FloorMilliseconds / family.Milliseconds,10:p0}{family.Milliseconds / whole,9:p1}");
        }
    }

    private static void ComparePeer(string python, string shape, string rows, double own)
    {
        if (Peer.RunJson(python, Peer.Script("cuda_train.py"), shape, rows) is not { } json)
        {
            return;
        }

        var rate = (double)json["tokens_per_second"]!;
        Console.WriteLine($"  {json["peer"]}: {rate:n0} tokens/s, peak {(double)json["peak_gib"]!:f1} GiB; Rebound is {own / rate:f2} times as fast");
    }

    private static TokenizedDocument[] ReadRows(string path) =>
    [
        .. File.ReadLines(path).Select(line => JsonNode.Parse(line)!)
            .Select(row => new TokenizedDocument(
                (string)row["id"]!, "", [.. row["input_ids"]!.AsArray().Select(id => (int)id!)], [.. row["labels"]!.AsArray().Select(label => (int)label!)]))
            .Where(document => document.SupervisedTokens > 0),
    ];
}
