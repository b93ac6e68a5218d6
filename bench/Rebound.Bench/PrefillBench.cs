using System.Diagnostics;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;

namespace Rebound.Bench;

/// <summary>
/// Time to the first token of a 512-token prompt, and the rate of the tokens after it, from a GGUF file beside
/// llama.cpp's prefill of the same file, in turns: <c>prefill MODEL.gguf [--node PROGRAM] [--rounds N] [--fp32]</c>;
/// weights stay as the file stores them, unless they are to be widened to fp32.
/// </summary>
internal static class PrefillBench
{
    private const int PromptTokens = 512;
    private const int DecodedTokens = 32;
    private const int RunsPerRound = 4;

    public static int Run(string[] arguments)
    {
        if (arguments is not [var path, ..])
        {
            Console.Error.WriteLine("usage: Rebound.Bench prefill MODEL.gguf [--node PROGRAM] [--rounds N] [--fp32]");
            return 2;
        }

        var rounds = int.Parse(Arguments.Option(arguments, "--rounds") ?? "2");
        var node = Arguments.Option(arguments, "--node") ?? "node";
        using var source = ModelSource.Open(path);
        using var backend = new CpuBackend(2, storedWeights: !arguments.Contains("--fp32"));
        using var model = LlamaModel.Load(backend, source.Config, source.Tensors);
        var (prefill, decode, peer) = (new Timings(backend.StoredWeightTypes != StoredWeightTypes.None ? "Rebound (as stored)" : "Rebound (fp32)"), new List<double>(), new Timings(node));
        for (var round = 0; round < rounds; round++)
        {
            Measure(model, prefill, decode);
            if (Peer.RunJson(node, Peer.Script("prefill.mjs"), path, $"{PromptTokens}", "2", $"{RunsPerRound}") is { } printed)
            {
                peer.Add(printed);
            }
        }

        Report(prefill, decode, peer);
        return 0;
    }

    private static void Measure(LlamaModel model, Timings prefill, List<double> decode)
    {
        var prompt = Enumerable.Range(0, PromptTokens).Select(i => 100 + (int)(i * 7919L % 40000)).ToArray();
        var generator = new Generator(model);
        for (var run = 0; run <= RunsPerRound; run++)
        {
            var start = Stopwatch.GetTimestamp();
            var first = 0.0;
            foreach (var _ in generator.Stream([prompt], new GenerationOptions { MaxNewTokens = DecodedTokens + 1 }))
            {
                first = first == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : first;
            }

            if (run > 0)
            {
                prefill.Add([first]);
                decode.Add((Stopwatch.GetElapsedTime(start).TotalSeconds - first) / DecodedTokens);
            }
        }
    }

    private static void Report(Timings prefill, List<double> decode, Timings peer)
    {
        decode.Sort();
        Console.WriteLine($"Prefill of {PromptTokens} tokens, 2 threads");
        Console.WriteLine(prefill.Rates(PromptTokens));
        if (peer.Any)
        {
            Console.WriteLine(peer.Rates(PromptTokens, faster: prefill));
        }

        Console.WriteLine($"Decoding at batch 1: {1 / decode[0]:0.0} tokens/s (best), {1 / decode[decode.Count / 2]:0.0} (median)");
    }
}
