using System.Globalization;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Bench;

/// <summary>
/// Products of few rows with weights in blocks at the shapes of Llama-2-7B, against the time that reading the blocks takes:
/// <c>cuda-block-rows [TYPE …] [ROWS …] [--plans]</c>. With <c>--plans</c> other plans than <see cref="BlockPlan.Of"/>'s are timed too: what
/// its choices come from. Weights are uncached, as in decoding.
/// </summary>
internal sealed class CudaBlockRowsBench : IDisposable
{
    /// <summary>Bytes of weights to go through in turns, which no cache holds.</summary>
    private const long UncachedBytes = 250L << 20;

    private const int LeastRuns = 20;
    private const int Shown = 5;

    private static readonly (string Name, int Outer, int Inner, bool Normed, bool Gated)[] Shapes =
    [
        ("query, key, value", 12_288, 4096, true, false), ("attention output", 4096, 4096, false, false),
        ("gate and up", 11_008, 4096, true, true), ("down", 4096, 11_008, false, false), ("head", 32_000, 4096, true, false),
    ];

    private static readonly int[] StageCounts = [2, 3, 4];
    private static readonly int[] InnerWarpCounts = [1, 2, 4, 8, 16];
    private static readonly int[] OuterWarpCounts = [1, 2, 3, 4, 8];

    private readonly CudaBackend _backend = new();
    private readonly List<Arena> _arenas = [];
    private readonly RecordedTiming _timing;

    private CudaBlockRowsBench() => _timing = new RecordedTiming(_backend);

    public static int Run(string[] arguments)
    {
        var (rows, types) = (new List<int>(), new List<DType>());
        foreach (var argument in arguments.Where(argument => argument != "--plans"))
        {
            if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 256)
            {
                rows.Add(count);
            }
            else if (Enum.TryParse<DType>(argument, out var type) && type.IsQuantized() && type != DType.Mixed)
            {
                types.Add(type);
            }
            else
            {
                Console.Error.WriteLine(
                    $"usage: Rebound.Bench cuda-block-rows [TYPE ...] [ROWS ...] [--plans], rows from 1 to 256; got '{argument}'");
                return 2;
            }
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-block-rows: {absence}.");
            return 1;
        }

        using var bench = new CudaBlockRowsBench();
        bench.RunAll(
            types.Count == 0 ? [DType.Q8_0, DType.Q4_0, DType.Q4_1, DType.Q4_K, DType.Q6_K] : [.. types],
            rows.Count == 0 ? [1, 2, 4, 8, 16, 32, 64] : [.. rows], arguments.Contains("--plans"));
        return 0;
    }

    public void Dispose()
    {
        _backend.Synchronize();
        _timing.Dispose();
        _arenas.ForEach(arena => arena.Dispose());
        _backend.Dispose();
    }

    private void RunAll(DType[] types, int[] rowCounts, bool allPlans)
    {
        Console.WriteLine($"{_backend.Description}; of floor: of reading the blocks at {Ceilings.BytesPerSecond / 1e12:f1} TB/s");
        Console.WriteLine($"{"product",-64}{"us",9}{"GB/s",9}{"of floor",10}");
        foreach (var type in types)
        {
            foreach (var (name, outer, inner, normed, gated) in Shapes)
            {
                Measure(type, name, outer, inner, normed, gated, rowCounts, allPlans);
                Release();
            }
        }
    }

    private void Measure(
        DType type, string name, int outer, int inner, bool normed, bool gated, int[] rowCounts, bool allPlans)
    {
        var rowsOfWeight = gated ? 2 * outer : outer;
        var bytes = type.BytesOf((long)rowsOfWeight * inner);
        var weights = Weights(type, rowsOfWeight, inner, (int)(UncachedBytes / bytes) + 1);
        foreach (var rows in rowCounts)
        {
            var (input, output, wide) = (New(rows, inner), New(rows, outer), New(rows, rowsOfWeight));
            var (turn, runs) = (0, Math.Max(LeastRuns, weights.Length));
            Tensor Next() => weights[turn++ % weights.Length];
            var norm = new NormedInput(input, New(inner), 1e-5f, New(rows, inner), Floats(rows));
            var whole = _timing.Time(runs, () =>
            {
                if (gated)
                {
                    _backend.NormGatedForward(output, wide, norm, Next(), default);
                }
                else if (normed)
                {
                    _backend.NormLinearForward(output, norm, Next(), default);
                }
                else
                {
                    _backend.LinearForward(output, input, Next(), default);
                }
            });
            Print($"{type} {rows} x {name}", whole, bytes);
            if (!allPlans || rows > BlockPlan.MostRowsOf(BlockForm.Of(type)))
            {
                continue;
            }

            var isNormed = normed && BlockPlan.CanNorm(rows, inner, _backend.MostSharedBytes);
            var isGated = gated && isNormed;
            var target = gated && !isGated ? wide : output;
            var chosen = BlockPlan.Of(
                BlockForm.Of(type), rows, target.Shape[1], inner, isNormed, isGated, _backend.Multiprocessors, _backend.MostSharedBytes);
            var timed = Plans(chosen, rows, inner)
                .Select(plan => (Plan: plan, Seconds: _timing.Time(runs, () =>
                {
                    var weight = Next();
                    var up = isGated ? _backend.GateAndUp(weight)!.Value.Up.Address : 0;
                    _backend.BlockProduct(
                        plan, target.Columns(0, target.Shape[1]), input, weight, up, 0, 0, isNormed ? norm : default);
                })))
                .OrderBy(one => one.Seconds).ToArray();
            foreach (var (plan, seconds) in timed.Where((one, i) => i < Shown || one.Plan == chosen))
            {
                Print($"  {(plan == chosen ? '*' : ' ')} {Text(plan, rows, inner)}", seconds, bytes);
            }
        }
    }

    /// <summary>The chosen plan and others for the same rows.</summary>
    private IEnumerable<BlockPlan> Plans(BlockPlan chosen, int rows, int inner)
    {
        int[] tiles = chosen.Kernel.Gated ? [2] : [1, 2];
        var plans =
            from outerTiles in tiles
            from stages in StageCounts
            from innerWarps in InnerWarpCounts
            from outerWarps in OuterWarpCounts
            from leastBytes in new[] { 0, chosen.LeastSharedBytes }
            let kernel = chosen.Kernel with { OuterTiles = outerTiles, Stages = stages }
            let plan = chosen with { Kernel = kernel, InnerWarps = innerWarps, OuterWarps = outerWarps, LeastSharedBytes = leastBytes }
            where plan.Block.X * plan.Block.Y <= kernel.Threads && innerWarps * outerWarps >= 4
                && innerWarps <= chosen.Form.RecordsOf(inner)
                && plan.SharedBytes(rows, inner) + 1024 <= _backend.MostSharedBytes
            select plan;
        return plans.Append(chosen).Distinct();
    }

    private static string Text(BlockPlan plan, int rows, int inner) =>
        $"inner warps {plan.InnerWarps,2}, outer warps {plan.OuterWarps}, tiles {plan.Kernel.OuterTiles}, stages {plan.Kernel.Stages}, "
        + $"{plan.SharedBytes(rows, inner) / 1024} KiB";

    private static void Print(string name, double seconds, double bytes) => Console.WriteLine(
        $"{name,-64}{seconds * 1e6,9:f2}{bytes / 1e9 / seconds,9:n0}{bytes / Ceilings.BytesPerSecond / seconds,10:p0}");

    /// <summary>So many matrices of random weights.</summary>
    private Tensor[] Weights(DType type, int rows, int width, int count)
    {
        var values = new float[256 * width];
        var random = new Random(1);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        var some = new byte[type.BytesOf(values.Length)];
        type.Blocks().Round(values, some);
        var blocks = new byte[type.BytesOf((long)rows * width)];
        for (var done = 0; done < blocks.Length; done += some.Length)
        {
            some.AsSpan(0, Math.Min(some.Length, blocks.Length - done)).CopyTo(blocks.AsSpan(done));
        }

        var plan = new ArenaPlan();
        for (var i = 0; i < count; i++)
        {
            plan.Add(_backend.StoredSpec($"{i}", new Shape(rows, width), type));
        }

        var arena = _backend.Allocate(plan);
        _arenas.Add(arena);
        var matrices = new Tensor[count];
        for (var i = 0; i < count; i++)
        {
            matrices[i] = new Tensor(arena[i].Address, new Shape(rows, width), type, _backend.Device);
            _backend.Store(matrices[i], blocks);
        }

        return matrices;
    }

    /// <summary>A bf16 tensor of random values between -1/2 and 1/2.</summary>
    private Tensor New(params ReadOnlySpan<int> extents)
    {
        var tensor = Allocate(new TensorSpec("bench", Shape.Of(extents), DType.BFloat16));
        var (random, values) = (new Random(1), new ushort[tensor.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }

        _backend.CopyFromHost<ushort>(tensor, values);
        return tensor;
    }

    private Tensor Floats(int count) => Allocate(new TensorSpec("bench", new Shape(count)));

    private Tensor Allocate(TensorSpec spec)
    {
        var plan = new ArenaPlan();
        plan.Add(spec);
        var arena = _backend.Allocate(plan);
        _arenas.Add(arena);
        return arena[0];
    }

    private void Release()
    {
        _arenas.ForEach(arena => arena.Dispose());
        _arenas.Clear();
    }
}
