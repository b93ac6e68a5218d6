using System.Diagnostics;
using Rebound.Engine;

namespace Rebound.Bench;

/// <summary>
/// Every operation apart from the linear layers at the shapes of SmolLM2-135M and 512 packed tokens: median and
/// best time, and the memory or arithmetic throughput of the best.
/// </summary>
internal sealed class OpsBench : IDisposable
{
    private const int Tokens = 512;
    private const int Hidden = 576;
    private const int FeedForward = 1536;
    private const int Vocabulary = 49_152;
    private const int ParameterCount = 16 << 20;
    private const int CacheTokens = 512;

    private static readonly AttentionShape Heads = new(9, 3, 64, 0.125f);

    private readonly CpuBackend _backend;
    private readonly List<Arena> _arenas = [];
    private int _seed;

    private OpsBench(int? threads) => _backend = new CpuBackend(threads);

    public static int Run(string[] args)
    {
        int? threads = null;
        if (args is ["--threads", var count] && int.TryParse(count, out var value))
        {
            threads = value;
        }
        else if (args.Length > 0)
        {
            Console.Error.WriteLine("usage: Rebound.Bench ops [--threads N]");
            return 2;
        }

        using var bench = new OpsBench(threads);
        bench.RunAll();
        return 0;
    }

    public void Dispose()
    {
        _arenas.ForEach(arena => arena.Dispose());
        _backend.Dispose();
    }

    private void RunAll()
    {
        Console.WriteLine(
            $"{_backend.Description}; T {Tokens}, C {Hidden}, H {Heads.QueryHeads}/{Heads.KeyValueHeads}×{Heads.HeadDim}, F {FeedForward}, "
                + $"V {Vocabulary}");
        Console.WriteLine($"{"operation",-50}{"median ms",12}{"best ms",12}{"GB/s",10}{"GFLOP/s",10}");
        Layers();
        var whole = Batch([Tokens]);
        Attention("one document", whole);
        Attention("documents 256, 128, 64, 64", Batch([256, 128, 64, 64]));
        Cache(whole);
        Training(whole);
    }

    private void Layers()
    {
        using var batch = _backend.Prepare(Batch([Tokens]));
        var (input, output, gradient) = (New(Tokens, Hidden), New(Tokens, Hidden), New(Tokens, Hidden));
        var (weight, dWeight, reciprocal) = (New(Hidden), New(Hidden), New(Tokens));
        var (table, dTable) = (New(Vocabulary, Hidden), New(Vocabulary, Hidden));
        const double Row = (double)Tokens * Hidden * sizeof(float);
        Measure("Embedding forward", 2 * Row, 0, () => _backend.EmbeddingForward(output, table, batch));
        Measure("Embedding backward", 3 * Row, 0, () => _backend.EmbeddingBackward(dTable, gradient, batch));
        Measure("RmsNorm forward", 2 * Row, 0, () => _backend.RmsNormForward(output, reciprocal, input, weight, 1e-5f));
        Measure(
            "RmsNorm backward", 5 * Row, 0, () => _backend.RmsNormBackward(output, dWeight, gradient, gradient, input, weight, reciprocal));
        Measure("Add", 3 * Row, 0, () => _backend.Add(output, input));
        Measure("Dropout", 2 * Row, 0, () => _backend.Dropout(output, input, 0.1f, 7));
        Measure("Dropout, accumulating", 3 * Row, 0, () => _backend.Dropout(output, input, 0.1f, 7, accumulate: true));

        var (gateUp, dGateUp, gated) = (New(Tokens, 2 * FeedForward), New(Tokens, 2 * FeedForward), New(Tokens, FeedForward));
        const double Gated = (double)Tokens * FeedForward * sizeof(float);
        Measure("SwiGlu forward", 3 * Gated, 0, () => _backend.SwiGluForward(gated, gateUp));
        Measure("SwiGlu backward", 6 * Gated, 0, () => _backend.SwiGluBackward(dGateUp, gated, gated, gateUp));

        var (fused, normed) = (New(Tokens, Heads.FusedHeads, Heads.HeadDim), New(Tokens, Heads.FusedHeads, Heads.HeadDim));
        var (headWeight, dHeadWeight) = (New(Heads.HeadDim), New(Heads.HeadDim));
        var headReciprocal = New(Tokens, Heads.QueryHeads + Heads.KeyValueHeads);
        var bytes = (double)fused.Count * sizeof(float);
        Measure("QueryKeyNorm forward", 2 * bytes, 0,
            () => _backend.QueryKeyNormForward(normed, headReciprocal, fused, headWeight, headWeight, Heads, 1e-6f));
        Measure("QueryKeyNorm backward", 3 * bytes, 0, () => _backend.QueryKeyNormBackward(
            normed, dHeadWeight, dHeadWeight, normed, fused, headWeight, headWeight, headReciprocal, Heads));
        // Unit rotations, so that values rotated again and again keep their size.
        var rotary = new RotaryTable(New(Tokens, Heads.HeadDim / 2), New(Tokens, Heads.HeadDim / 2));
        _backend.Fill(rotary.Cosines, 0.6f);
        _backend.Fill(rotary.Sines, 0.8f);
        Measure("Rotary forward", 2 * bytes * 12 / 15, 0, () => _backend.RotaryForward(fused, rotary, batch, Heads));
    }

    private void Attention(string name, PackedBatch packed)
    {
        using var batch = _backend.Prepare(packed);
        var fused = New(Tokens, Heads.FusedHeads, Heads.HeadDim);
        var (output, dOutput) = (New(Tokens, Heads.QueryHeads, Heads.HeadDim), New(Tokens, Heads.QueryHeads, Heads.HeadDim));
        var (logSumExp, dFused) = (New(Tokens, Heads.QueryHeads), New(Tokens, Heads.FusedHeads, Heads.HeadDim));
        var product = AttentionFlops.OfProduct(packed, Heads);
        Measure($"Attention forward, {name}", 0, 2 * product, () => _backend.AttentionForward(output, logSumExp, fused, batch, Heads));
        Measure($"Attention backward, {name}", 0, 5 * product,
            () => _backend.AttentionBackward(dFused, dOutput, output, logSumExp, fused, batch, Heads));
    }

    private void Cache(PackedBatch packed)
    {
        var pages = CacheTokens / PageTable.PageTokens;
        var table = new PageTable([[.. Enumerable.Range(0, pages)]]);
        var cache = new KeyValuePages(
            New(pages, Heads.KeyValueHeads, PageTable.PageTokens, Heads.HeadDim),
            New(pages, Heads.KeyValueHeads, PageTable.PageTokens, Heads.HeadDim));
        var (fused, output) = (New(Tokens, Heads.FusedHeads, Heads.HeadDim), New(Tokens, Heads.QueryHeads, Heads.HeadDim));
        var (one, oneOutput) = (New(1, Heads.FusedHeads, Heads.HeadDim), New(1, Heads.QueryHeads, Heads.HeadDim));
        using var batch = _backend.Prepare(packed, table);
        using var last = _backend.Prepare(new PackedBatch([0], [0, 1], firstPositions: [CacheTokens - 1]), table);
        var vectors = (double)CacheTokens * Heads.KeyValueHeads * Heads.HeadDim * sizeof(float);
        Measure("CacheAppend, prefill", 4 * vectors, 0, () => _backend.CacheAppend(cache, fused, batch, Heads));
        Measure("CachedAttention, prefill", 0, 2.0 * Tokens * (Tokens + 1) * Heads.QueryHeads * Heads.HeadDim,
            () => _backend.CachedAttention(output, cache, fused, batch, Heads));
        Measure("CachedAttention, decode", 2 * vectors, 0,
            () => _backend.CachedAttention(oneOutput, cache, one, last, Heads));
    }

    private void Training(PackedBatch packed)
    {
        using var batch = _backend.Prepare(packed);
        var supervised = packed.SupervisedRows.Length;
        var (hidden, dHidden) = (New(supervised, Hidden), New(supervised, Hidden));
        var (weight, dWeight) = (New(Vocabulary, Hidden), New(Vocabulary, Hidden));
        var (losses, scratch) = (New(supervised), New(_backend.CrossEntropyHeadScratch(supervised, Vocabulary)));
        var product = 2.0 * supervised * Hidden * Vocabulary;
        Measure("CrossEntropyHead forward", 0, product,
            () => _backend.CrossEntropyHead(losses, default, default, hidden, weight, batch, scratch, 1e-3f));
        Measure("CrossEntropyHead", 0, 3 * product,
            () => _backend.CrossEntropyHead(losses, dHidden, dWeight, hidden, weight, batch, scratch, 1e-3f));

        const double Parameters = (double)ParameterCount * sizeof(float);
        var (parameter, gradient, first, second) = (New(ParameterCount), New(ParameterCount), New(ParameterCount), New(ParameterCount));
        _backend.Fill(second, 1e-4f);
        var step = new AdamWStep(1e-5f, 0.9f, 0.95f, 1e-8f, 0.1f, 10, 1);
        Measure("AdamW, 16 Mi parameters", 7 * Parameters, 0, () => _backend.AdamW(parameter, gradient, first, second, step));
        Measure("SumOfSquares, 16 Mi", Parameters, 0, () => _backend.SumOfSquares(gradient));
        Measure("Fill, 16 Mi", Parameters, 0, () => _backend.Fill(gradient, 0));
        Measure("Add, 16 Mi", 3 * Parameters, 0, () => _backend.Add(first, gradient));
    }

    /// <summary>
    /// The median of runs over a quarter of a second, after a tenth of a second to warm up, and the rates of the best
    /// run, which says what the code does when nothing else runs.
    /// </summary>
    private static void Measure(string name, double bytes, double flops, Action operation)
    {
        var times = new List<double>();
        for (var warmUp = Stopwatch.StartNew(); warmUp.ElapsedMilliseconds < 100;)
        {
            operation();
        }

        for (var total = Stopwatch.StartNew(); total.ElapsedMilliseconds < 250 || times.Count < 3;)
        {
            var start = Stopwatch.GetTimestamp();
            operation();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        var median = times[times.Count / 2];
        Console.WriteLine($"{name,-50}{median * 1e3,12:f3}{times[0] * 1e3,12:f3}{Rate(bytes, times[0]),10}{Rate(flops, times[0]),10}");
    }

    private static string Rate(double work, double seconds) => work == 0 ? "" : $"{work / seconds / 1e9:f1}";

    private static PackedBatch Batch(int[] lengths)
    {
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, lengths.Sum()).Select(_ => random.Next(Vocabulary))];
        int[] starts = [0, .. lengths.Select((_, d) => lengths[..(d + 1)].Sum())];
        return new PackedBatch(tokens, starts, tokens);
    }

    private Tensor New(params ReadOnlySpan<int> extents)
    {
        var shape = Shape.Of(extents);
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("bench", shape));
        var arena = _backend.Allocate(plan);
        _arenas.Add(arena);
        var random = new Random(_seed++);
        foreach (ref var value in arena[0].AsSpan<float>())
        {
            value = random.NextSingle() - 0.5f;
        }

        return arena[0];
    }
}
