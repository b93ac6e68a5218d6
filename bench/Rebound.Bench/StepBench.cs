using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Training;

namespace Rebound.Bench;

/// <summary>
/// A full training step (forward, backward, clipping, AdamW) beside the same step in plain PyTorch, in turns, so that
/// both see the same machine: <c>steps [CONFIG…] [--python PROGRAM] [--rounds N]</c>; or beside the step of low-rank
/// adapters, by the processor time of one thread: <c>steps [CONFIG…] --lora RANK [--rounds N]</c>.
/// </summary>
internal static class StepBench
{
    private const int DocumentTokens = 256;
    private const int StepsPerRound = 3;

    private static readonly Dictionary<string, (string Config, int Tokens)> Configs = new()
    {
        ["llama-15m"] = (
            """
            {"model_type":"llama","hidden_size":288,"intermediate_size":768,"num_hidden_layers":6,
             "num_attention_heads":6,"num_key_value_heads":6,"vocab_size":32000,"max_position_embeddings":2048,
             "rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":true,"hidden_act":"silu"}
            """,
            1024),
        ["smollm2-135m"] = (
            """
            {"model_type":"llama","hidden_size":576,"intermediate_size":1536,"num_hidden_layers":30,
             "num_attention_heads":9,"num_key_value_heads":3,"vocab_size":49152,"max_position_embeddings":2048,
             "rms_norm_eps":1e-5,"rope_theta":100000.0,"tie_word_embeddings":true,"hidden_act":"silu"}
            """,
            512),
    };

    public static int Run(string[] arguments)
    {
        var python = Arguments.Option(arguments, "--python") ?? "python3";
        var rounds = int.Parse(Arguments.Option(arguments, "--rounds") ?? "2");
        var chosen = arguments.Where(Configs.ContainsKey).ToArray();
        var lora = Arguments.Option(arguments, "--lora") is { } rank ? int.Parse(rank) : (int?)null;
        foreach (var name in chosen.Length > 0 ? chosen : [.. Configs.Keys])
        {
            if (lora is { } adapterRank)
            {
                CompareLora(name, adapterRank, rounds);
            }
            else
            {
                Compare(name, python, rounds);
            }
        }

        return 0;
    }

    private static void Compare(string name, string python, int rounds)
    {
        var tokens = Configs[name].Tokens;
        var own = new List<double>();
        var peer = new List<PeerTiming>();
        for (var round = 0; round < rounds; round++)
        {
            own.AddRange(Measure(name, threads: 2));
            if (Peer.Run(python, Peer.Script("train_step.py"), name, $"{tokens}", $"{StepsPerRound}") is { } timing)
            {
                peer.Add(timing);
            }
        }

        own.Sort();
        Console.WriteLine($"{name}, {tokens} packed tokens, 2 threads, all supervised");
        Print("Rebound", own[0], own[own.Count / 2], tokens);
        if (peer.Count > 0)
        {
            var (best, median) = (peer.Min(p => p.BestSeconds), peer.Min(p => p.MedianSeconds));
            Print(peer[0].Name, best, median, tokens);
            Console.WriteLine($"  Rebound is {best / own[0]:0.00} times as fast (best), {median / own[own.Count / 2]:0.00} (median)");
        }
    }

    private static void CompareLora(string name, int rank, int rounds)
    {
        var settings = new LoraSettings { Rank = rank };
        (string Name, LoraSettings? Lora, List<double> Seconds)[] kinds =
        [
            ("all weights", null, []), ($"LoRA, rank {rank}", settings, []),
            ($"LoRA, rank {rank}, dropout 0.1", settings with { Dropout = 0.1f }, []),
            ($"LoRA, rank {rank}, q and v", settings with { Targets = LoraTargets.Parse("q,v") }, []),
        ];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (_, lora, seconds) in kinds)
            {
                seconds.AddRange(Measure(name, threads: 1, lora));
            }
        }

        Console.WriteLine($"{name}, {Configs[name].Tokens} packed tokens, processor time of one thread, all supervised");
        foreach (var (kind, _, seconds) in kinds)
        {
            seconds.Sort();
            Print(kind, seconds[0], seconds[seconds.Count / 2], Configs[name].Tokens);
            Console.WriteLine($"    of the full step: {seconds[0] / kinds[0].Seconds.Min():0.00} (best)");
        }
    }

    private static List<double> Measure(string name, int threads, LoraSettings? lora = null)
    {
        var (json, tokens) = Configs[name];
        var config = LlamaConfig.Parse(JsonNode.Parse(json)!.AsObject(), name);
        using var backend = new CpuBackend(threads);
        using var model = LlamaModel.Initialize(backend, config, seed: 1);
        if (lora is not null)
        {
            model.Attach(LoraAdapter.Initialize(backend, config, lora, seed: 1));
        }

        using var gradients = model.CreateGradients();
        using var optimizer = new AdamWOptimizer(
            model.Trainable, new AdamWOptions { Beta2 = 0.95f, WeightDecay = 0.1f, MaxGradientNorm = 1 });
        var batch = RandomBatch(tokens, config.VocabularySize);
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

    private static PackedBatch RandomBatch(int tokens, int vocabulary)
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, tokens).Select(_ => random.Next(vocabulary)).ToArray();
        var starts = Enumerable.Range(0, (tokens / DocumentTokens) + 1).Select(d => d * DocumentTokens).ToArray();
        return new PackedBatch(ids, starts, labels: ids);
    }

    private static void Print(string who, double best, double median, int tokens) =>
        Console.WriteLine($"  {who,-28} best {best,7:0.000} s  median {median,7:0.000} s  {tokens / best,7:0} tokens/s");
}
