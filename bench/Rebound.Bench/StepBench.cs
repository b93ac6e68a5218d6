using System.Diagnostics;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Training;

namespace Rebound.Bench;

/// <summary>
/// A full training step (forward, backward, clipping, AdamW) beside the same step in PyTorch and in TorchSharp, in turns, so
/// that all see the same machine: <c>steps [SHAPE…] [--python PROGRAM] [--torchsharp PROGRAM] [--rounds N]</c>; or beside the
/// step of low-rank adapters, by the processor time of one thread: <c>steps [SHAPE…] --lora RANK [--rounds N]</c>.
/// </summary>
internal static class StepBench
{
    private const int Threads = 2;
    private const int StepsPerRound = 3;

    public static int Run(string[] arguments)
    {
        var rounds = int.Parse(Arguments.Option(arguments, "--rounds") ?? "2");
        var chosen = StepShape.All.Where(shape => arguments.Contains(shape.Name)).ToArray();
        var shapes = chosen.Length > 0 ? chosen : StepShape.All;
        if (Arguments.Option(arguments, "--lora") is { } rank)
        {
            foreach (var shape in shapes)
            {
                CompareLora(shape, int.Parse(rank), rounds);
            }

            return 0;
        }

        var peers = StepPeer.Find(arguments, Threads);
        foreach (var shape in shapes)
        {
            Compare(shape, peers, rounds);
        }

        return 0;
    }

    private static void Compare(StepShape shape, IReadOnlyList<StepPeer> peers, int rounds)
    {
        var own = new Timings("Rebound");
        var others = peers.Select(peer => (Peer: peer, Timings: new Timings(peer.Program))).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            own.Add(Measure(shape, Threads));
            foreach (var (peer, timings) in others)
            {
                if (peer.Run(shape, StepsPerRound, Threads) is { } printed)
                {
                    timings.Add(printed);
                }
            }
        }

        Console.WriteLine(
            $"{shape.Name}, {shape.Tokens} packed tokens, {Threads} threads, all supervised, {rounds} rounds of {StepsPerRound} steps");
        Console.WriteLine(own.Rates(shape.Tokens));
        foreach (var (_, timings) in others.Where(other => other.Timings.Any))
        {
            Console.WriteLine(timings.Rates(shape.Tokens, faster: own));
        }
    }

    private static void CompareLora(StepShape shape, int rank, int rounds)
    {
        var settings = new LoraSettings { Rank = rank };
        (LoraSettings? Lora, Timings Timings)[] kinds =
        [
            (null, new("all weights")), (settings, new($"LoRA, rank {rank}")),
            (settings with { Dropout = 0.1f }, new($"LoRA, rank {rank}, dropout 0.1")),
            (settings with { Targets = LoraTargets.Parse("q,v") }, new($"LoRA, rank {rank}, q and v")),
        ];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (lora, timings) in kinds)
            {
                timings.Add(Measure(shape, threads: 1, lora));
            }
        }

        Console.WriteLine($"{shape.Name}, {shape.Tokens} packed tokens, processor time of one thread, all supervised");
        foreach (var (_, timings) in kinds)
        {
            Console.WriteLine(timings.Rates(shape.Tokens));
            Console.WriteLine($"    of the full step: {timings.Best / kinds[0].Timings.Best:0.00} (best)");
        }
    }

    private static List<double> Measure(StepShape shape, int threads, LoraSettings? lora = null)
    {
        var config = shape.ToConfig();
        using var backend = new CpuBackend(threads);
        using var model = LlamaModel.Initialize(backend, config, seed: 1);
        if (lora is not null)
        {
            model.Attach(LoraAdapter.Initialize(backend, config, lora, seed: 1));
        }

        using var gradients = model.CreateGradients();
        using var optimizer = new AdamWOptimizer(
            model.Trainable, new AdamWOptions { Beta2 = 0.95f, WeightDecay = 0.1f, MaxGradientNorm = 1 });
        var batch = RandomBatch(shape);
        var seconds = new List<double>();
        for (var step = 0; step <= StepsPerRound; step++)
        {
            var start = Now(threads);
            gradients.Clear();
            model.LossAndGradients(batch, gradients, 1f / batch.SupervisedRows.Length);
            optimizer.Step(gradients, 1e-5f);
            if (step > 0)
            {
                seconds.Add((Now(threads) - start).TotalSeconds);
            }
        }

        return seconds;
    }

    /// <summary>The time on the clock, or for one thread that of the processor, which other programs do not lengthen.</summary>
    private static TimeSpan Now(int threads) =>
        threads == 1 ? Environment.CpuUsage.TotalTime : Stopwatch.GetElapsedTime(0);

    private static PackedBatch RandomBatch(StepShape shape)
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, shape.Tokens).Select(_ => random.Next(shape.Vocabulary)).ToArray();
        var starts = Enumerable.Range(0, (shape.Tokens / shape.Document) + 1).Select(document => document * shape.Document).ToArray();
        return new PackedBatch(ids, starts, labels: ids);
    }
}
