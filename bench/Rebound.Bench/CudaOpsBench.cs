using System.Diagnostics;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Bench;

/// <summary>
/// Every kernel family of the CUDA backend in bf16 at the shapes of Llama-2-7B and 8,192 packed tokens, against its floor:
/// the bytes it has to move at the memory's measured speed, or its arithmetic at that of matrix products.
/// </summary>
internal sealed partial class CudaOpsBench : IDisposable
{
    private const int Tokens = 8192;
    private const int Hidden = 4096;
    private const int FeedForward = 11_008;
    private const int Vocabulary = 32_000;
    private const int Parameters = 128 << 20;

    private const int BFloat16Bytes = 2;
    private const int Groups = 7;

    private static readonly AttentionShape Heads = new(32, 32, 128, 1 / MathF.Sqrt(128));

    private readonly CudaBackend _backend = new();
    private readonly List<Arena> _arenas = [];
    private readonly ushort[] _random = new ushort[(1 << 20) + 7];
    private readonly PackedBatch _batch = StrategyQaLike();

    private CudaOpsBench()
    {
        var random = new Random(1);
        for (var i = 0; i < _random.Length; i++)
        {
            _random[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }
    }

    public static int Run(string[] args)
    {
        if (args.Length > 0)
        {
            Console.Error.WriteLine("usage: Rebound.Bench cuda-ops");
            return 2;
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-ops: {absence}.");
            return 1;
        }

        using var bench = new CudaOpsBench();
        bench.RunAll();
        return 0;
    }

    public void Dispose()
    {
        Release();
        _backend.Dispose();
    }

    private void RunAll()
    {
        Console.WriteLine(_backend.Description);
        Console.WriteLine(
            $"T {Tokens} in {_batch.DocumentCount} documents, C {Hidden}, H {Heads.QueryHeads}×{Heads.HeadDim}, F {FeedForward}, V "
                + $"{Vocabulary}, {_batch.SupervisedRows.Length} supervised");
        Console.WriteLine($"{"operation",-56}{"ms",10}{"floor ms",10}{"of floor",10}{"GB/s",10}{"TFLOP/s",10}");
        Rows();
        Products();
        Attention();
        Cache(Heads, 1, 600);
        Cache(Heads, 32, 600);
        Cache(Heads, 128, 600);
        Cache(new AttentionShape(32, 8, 128, Heads.Scale), 1, 16_384);
        FewRows();
        Sampling(0);
        Sampling(0.7f);
        Head();
        Optimizer();
    }

    private void Rows()
    {
        const double Row = (double)Tokens * Hidden * BFloat16Bytes, Gated = (double)Tokens * FeedForward * BFloat16Bytes;
        using var prepared = _backend.Prepare(_batch);
        var (input, output, gradient) = (New(Tokens, Hidden), New(Tokens, Hidden), New(Tokens, Hidden));
        var (weight, dWeight, reciprocal) = (New(Hidden), New(Hidden), NewFloats(Tokens));
        var (table, dTable) = (New(Vocabulary, Hidden), New(Vocabulary, Hidden));
        Measure("Embedding forward", 2 * Row, 0, () => _backend.EmbeddingForward(output, table, prepared));
        Measure("Embedding backward", 2 * Row, 0, () => _backend.EmbeddingBackward(dTable, gradient, prepared));
        Measure("RmsNorm forward", 2 * Row, 0, () => _backend.RmsNormForward(output, reciprocal, input, weight, 1e-5f));
        Measure("RmsNorm backward", 5 * Row, 0,
            () => _backend.RmsNormBackward(output, dWeight, gradient, gradient, input, weight, reciprocal));
        Measure("Add", 3 * Row, 0, () => _backend.Add(output, input));

        var fused = New(Tokens, Heads.FusedHeads, Heads.HeadDim);
        var rotary = new RotaryTable(NewFloats(Tokens, Heads.HeadDim / 2), NewFloats(Tokens, Heads.HeadDim / 2));
        _backend.Fill(rotary.Cosines, 0.6f);
        _backend.Fill(rotary.Sines, 0.8f);
        Measure("Rotary forward", 4 * Row, 0, () => _backend.RotaryForward(fused, rotary, prepared, Heads));
        var (normed, headWeight, dHeadWeight) = (New(Tokens, Heads.FusedHeads, Heads.HeadDim), New(Heads.HeadDim), New(Heads.HeadDim));
        var headReciprocal = NewFloats(Tokens, Heads.QueryHeads + Heads.KeyValueHeads);
        Measure("QueryKeyNorm forward", 6 * Row, 0,
            () => _backend.QueryKeyNormForward(normed, headReciprocal, fused, headWeight, headWeight, Heads, 1e-6f));
        Measure("QueryKeyNorm backward", 9 * Row, 0, () => _backend.QueryKeyNormBackward(
            normed, dHeadWeight, dHeadWeight, normed, fused, headWeight, headWeight, headReciprocal, Heads));

        var (gateUp, dGateUp, gated) = (New(Tokens, 2 * FeedForward), New(Tokens, 2 * FeedForward), New(Tokens, FeedForward));
        Measure("SwiGlu forward", 3 * Gated, 0, () => _backend.SwiGluForward(gated, gateUp));
        Measure("SwiGlu backward", 6 * Gated, 0, () => _backend.SwiGluBackward(dGateUp, gated, gated, gateUp));
        Measure("Dropout", 2 * Row, 0, () => _backend.Dropout(output, input, 0.05f, 1));
        Release();
    }

    private void Products()
    {
        foreach (var (name, outer, inner) in new[]
        {
            ("query, key, value", 3 * Hidden, Hidden), ("attention output", Hidden, Hidden),
            ("gate and up", 2 * FeedForward, Hidden), ("down", Hidden, FeedForward),
        })
        {
            var (input, output) = (New(Tokens, inner), New(Tokens, outer));
            var (weight, dWeight) = (New(outer, inner), New(outer, inner));
            var flops = 2.0 * Tokens * outer * inner;
            Measure($"Linear {name}, forward", 0, flops, () => _backend.LinearForward(output, input, weight, default));
            Measure($"Linear {name}, dInput", 0, flops, () => _backend.LinearBackwardInput(input, output, weight));
            Measure($"Linear {name}, dWeight", 0, flops, () => _backend.LinearBackwardWeight(dWeight, default, output, input));
            Release();
        }
    }

    private void Attention()
    {
        var fused = New(Tokens, Heads.FusedHeads, Heads.HeadDim);
        var (output, dOutput) = (New(Tokens, Heads.QueryHeads, Heads.HeadDim), New(Tokens, Heads.QueryHeads, Heads.HeadDim));
        var (logSumExp, dFused) = (NewFloats(Tokens, Heads.QueryHeads), New(Tokens, Heads.FusedHeads, Heads.HeadDim));
        foreach (var (name, batch) in new[] { ("packed", _batch), ("one document", Batch([Tokens])) })
        {
            using var prepared = _backend.Prepare(batch);
            var product = AttentionFlops.OfProduct(batch, Heads);
            Measure($"Attention forward, {name}", 0, 2 * product,
                () => _backend.AttentionForward(output, logSumExp, fused, prepared, Heads));
            Measure($"Attention backward, {name}", 0, 5 * product,
                () => _backend.AttentionBackward(dFused, dOutput, output, logSumExp, fused, prepared, Heads));
        }

        Release();
    }

    /// <param name="heads">Of queries, and of keys and values.</param>
    /// <param name="context">Tokens of every sequence.</param>
    private void Cache(AttentionShape heads, int sequences, int context)
    {
        var pagesOfSequence = (context / PageTable.PageTokens) + 1;
        var table = new PageTable(Enumerable.Range(0, sequences)
            .Select(s => Enumerable.Range(s * pagesOfSequence, pagesOfSequence).ToArray()));
        var pages = sequences * pagesOfSequence;
        var cache = new KeyValuePages(
            New(pages, heads.KeyValueHeads, PageTable.PageTokens, heads.HeadDim),
            New(pages, heads.KeyValueHeads, PageTable.PageTokens, heads.HeadDim));
        var (fused, output) = (New(sequences, heads.FusedHeads, heads.HeadDim), New(sequences, heads.QueryHeads, heads.HeadDim));
        var last = new PackedBatch(
            new int[sequences], [.. Enumerable.Range(0, sequences + 1)], firstPositions: [.. Enumerable.Repeat(context - 1, sequences)]);
        using var prepared = _backend.Prepare(last, table);
        var vector = (double)heads.KeyValueHeads * heads.HeadDim * BFloat16Bytes;
        var name = $"{sequences} × context {context}, {heads.QueryHeads}/{heads.KeyValueHeads} heads";
        Measure($"CacheAppend, {name}", 4 * sequences * vector, 0, () => _backend.CacheAppend(cache, fused, prepared, heads));
        Measure($"CachedAttention, {name}", 2 * sequences * context * vector, 0,
            () => _backend.CachedAttention(output, cache, fused, prepared, heads));
        Release();
    }

    private void Sampling(float temperature)
    {
        const int Rows = 256, Words = 49_152;
        var random = new Random(5);
        float[] row = [.. Enumerable.Range(0, Words).Select(_ => 20 * random.NextSingle())];
        var logits = NewFloats(Rows, Words);
        for (var i = 0; i < Rows; i++)
        {
            _backend.CopyFromHost<float>(logits.Rows(i, 1), row);
        }

        using var sampling = _backend.AllocateSampling(Rows, Words);
        sampling.Refill(
            [.. Enumerable.Range(0, Rows).Select(i => new SamplingRow { Temperature = temperature, Uniform = (i + 0.5) / Rows })]);
        Measure($"Sample, {Rows} × {Words}, temperature {temperature}", (double)sizeof(float) * Rows * Words, 0,
            () => _backend.Sample(sampling, logits, 0, Rows));
        Release();
    }

    private void Head()
    {
        using var prepared = _backend.Prepare(_batch);
        var supervised = _batch.SupervisedRows.Length;
        var (hidden, dHidden) = (New(supervised, Hidden), New(supervised, Hidden));
        var (weight, dWeight) = (New(Vocabulary, Hidden), New(Vocabulary, Hidden));
        var (losses, scratch) = (NewFloats(supervised), NewFloats(_backend.CrossEntropyHeadScratch(supervised, Vocabulary)));
        var product = 2.0 * supervised * Hidden * Vocabulary;
        Measure("CrossEntropyHead forward", 0, product,
            () => _backend.CrossEntropyHead(losses, default, default, hidden, weight, prepared, scratch, 1e-3f));
        Measure("CrossEntropyHead", 0, 3 * product,
            () => _backend.CrossEntropyHead(losses, dHidden, dWeight, hidden, weight, prepared, scratch, 1e-3f));
        Release();
    }

    private void Optimizer()
    {
        var (parameter, gradient, lower) = (New(Parameters), New(Parameters), New(DType.UInt16, Parameters));
        var (first, second) = (NewFloats(Parameters), NewFloats(Parameters));
        var step = new AdamWStep(1e-5f, 0.9f, 0.95f, 1e-8f, 0.1f, 10, 1);
        Measure(
            "AdamWSplit, fp32 moments, 128 Mi", 26.0 * Parameters, 0,
            () => _backend.AdamWSplit(parameter, lower, gradient, first, second, step));
        var (firstHalf, secondHalf) = (New(Parameters), New(Parameters));
        _backend.Fill(firstHalf, 0);
        _backend.Fill(secondHalf, 0);
        Measure("AdamWSplit, bf16 moments, 128 Mi", 18.0 * Parameters, 0,
            () => _backend.AdamWSplit(parameter, lower, gradient, firstHalf, secondHalf, step));
        Measure("SumOfSquares, 128 Mi", 2.0 * Parameters, 0, () => _backend.SumOfSquares(gradient));
        Measure("Fill, 128 Mi", 2.0 * Parameters, 0, () => _backend.Fill(gradient, 0));
        Release();
    }

    /// <summary>
    /// The median over groups of runs, each long enough that launches are hidden; after a warm-up that compiles and chooses.
    /// </summary>
    private void Measure(string name, double bytes, double flops, Action operation)
    {
        operation();
        _backend.Synchronize();
        var once = Time(operation, 3);
        var runs = Math.Clamp((int)(0.01 / once), 3, 2000);
        var times = Enumerable.Range(0, Groups).Select(_ => Time(operation, runs)).Order().ToArray();
        var median = times[Groups / 2];
        var floor = Ceilings.Floor(bytes, flops);
        Console.WriteLine(
            $"{name,-56}{median * 1e3,10:f3}{floor * 1e3,10:f3}{floor / median,10:p0}"
                + $"{Rate(bytes, median, 1e9),10}{Rate(flops, median, 1e12),10}");
    }

    private double Time(Action operation, int runs)
    {
        var start = Stopwatch.GetTimestamp();
        for (var run = 0; run < runs; run++)
        {
            operation();
        }

        _backend.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / runs;
    }

    private static string Rate(double work, double seconds, double unit) => work == 0 ? "" : $"{work / seconds / unit:f0}";

    private Tensor New(params ReadOnlySpan<int> extents) => New(DType.BFloat16, extents);

    private Tensor NewFloats(params ReadOnlySpan<int> extents) => New(DType.Float32, extents);

    /// <summary>bf16 tensors hold random values, others zeros.</summary>
    private Tensor New(DType type, params ReadOnlySpan<int> extents)
    {
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("bench", Shape.Of(extents), type));
        var arena = _backend.Allocate(plan);
        _arenas.Add(arena);
        for (long done = 0; type == DType.BFloat16 && done < arena[0].Count; done += _random.Length)
        {
            var count = (int)Math.Min(_random.Length, arena[0].Count - done);
            var part = new Tensor(arena[0].Address + (nint)(done * BFloat16Bytes), new Shape(count), type, _backend.Device);
            _backend.CopyFromHost<ushort>(part, _random.AsSpan(0, count));
        }

        return arena[0];
    }

    private void Release()
    {
        _arenas.ForEach(arena => arena.Dispose());
        _arenas.Clear();
    }

    /// <summary>Lengths like those of StrategyQA's trajectories (median 444, mean 514, at most 1,551), up to the token count.</summary>
    private static PackedBatch StrategyQaLike()
    {
        var random = new Random(7);
        var lengths = new List<int>();
        for (var left = Tokens; left > 0; left -= lengths[^1])
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            lengths.Add(Math.Min(left, (int)Math.Clamp(444 * Math.Exp(0.54 * normal), 100, 1551)));
        }

        return Batch([.. lengths]);
    }

    /// <summary>Documents of these lengths, random tokens, a third of them supervised.</summary>
    private static PackedBatch Batch(int[] lengths)
    {
        var random = new Random(3);
        int[] tokens = [.. Enumerable.Range(0, lengths.Sum()).Select(_ => random.Next(Vocabulary))];
        int[] starts = [0, .. lengths.Select((_, d) => lengths[..(d + 1)].Sum())];
        int[] labels = [.. tokens.Select(token => random.Next(3) == 0 ? token : PackedBatch.IgnoreLabel)];
        return new PackedBatch(tokens, starts, labels);
    }
}
