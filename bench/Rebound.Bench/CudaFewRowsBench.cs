using System.Globalization;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Bench;

/// <summary>
/// Products of few rows in bf16 under many plans, against the time that reading the weight takes and against cuBLASLt: what the choices of
/// <see cref="SkinnyPlan"/> come from. Weights are uncached, as in decoding.
/// </summary>
internal sealed class CudaFewRowsBench : IDisposable
{
    /// <summary>Bytes of weights to go through in turns, which no cache holds.</summary>
    private const long UncachedBytes = 250L << 20;

    private const int BFloat16Bytes = 2;
    private const int LeastRuns = 20;
    private const int Shown = 5;

    private static readonly (string Name, int Outer, int Inner, bool Normed, bool Gated)[] Shapes =
    [
        ("7B query, key, value", 12_288, 4096, true, false), ("7B attention output", 4096, 4096, false, false),
        ("7B gate and up", 11_008, 4096, true, true), ("7B down", 4096, 11_008, false, false),
        ("SmolLM2 query, key, value", 960, 576, true, false), ("SmolLM2 attention output", 576, 576, false, false),
        ("SmolLM2 gate and up", 1536, 576, true, true), ("SmolLM2 down", 576, 1536, false, false),
    ];

    private readonly CudaBackend _backend = new();
    private readonly List<Arena> _arenas = [];
    private readonly RecordedTiming _timing;

    private CudaFewRowsBench() => _timing = new RecordedTiming(_backend);

    /// <param name="args">Numbers of rows; none: 1, 8, 16, 32 and 64.</param>
    public static int Run(string[] args)
    {
        var rows = new List<int>();
        foreach (var argument in args)
        {
            if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 64)
            {
                Console.Error.WriteLine($"usage: Rebound.Bench cuda-few-rows [ROWS ...], from 1 to 64 each; got '{argument}'");
                return 2;
            }

            rows.Add(count);
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-few-rows: {absence}.");
            return 1;
        }

        using var bench = new CudaFewRowsBench();
        bench.RunAll(rows.Count == 0 ? [1, 8, 16, 32, 64] : [.. rows]);
        return 0;
    }

    public void Dispose()
    {
        _backend.Synchronize();
        _timing.Dispose();
        _arenas.ForEach(arena => arena.Dispose());
        _backend.Dispose();
    }

    private void RunAll(int[] rows)
    {
        Console.WriteLine(_backend.Description);
        Console.WriteLine("The best plans of each product; * is the one that SkinnyPlan.Of chooses. Floor: reading the weight.");
        Console.WriteLine($"{"product",-60}{"us",9}{"of floor",10}");
        foreach (var (name, outer, inner, normed, gated) in Shapes)
        {
            var outerOfWeight = gated ? 2 * outer : outer;
            var bytes = (long)outerOfWeight * inner * BFloat16Bytes;
            var turns = (int)(UncachedBytes / bytes) + 1;
            var weights = New(turns * outerOfWeight, inner);
            foreach (var count in rows)
            {
                var (input, output, plain) = (New(count, inner), New(count, outer), New(count, outerOfWeight));
                var norm = normed ? new NormedInput(input, New(inner), 1e-5f, default, default) : default;
                var chosen = SkinnyPlan.Of(
                    count, outer, inner, normed, gated, _backend.Multiprocessors, _backend.MostSharedBytes);
                var (turn, runs) = (0, Math.Max(LeastRuns, turns));
                Tensor Next() => weights.Rows(turn++ % turns * outerOfWeight, outerOfWeight);
                var timed = Plans(chosen, inner)
                    .Select(plan => (Plan: plan, Seconds: _timing.Time(
                        runs, () => _backend.SkinnyProduct(plan, output, input, Next(), 0, 0, norm))))
                    .OrderBy(one => one.Seconds).ToArray();
                var library = _timing.Time(runs, () => _backend.LibraryForward(
                    plain.Columns(0, outerOfWeight), input.Columns(0, inner), Next()));
                Print($"{count} x {name}: cuBLASLt, plain", library, bytes);
                foreach (var (plan, seconds) in timed.Where((one, i) => i < Shown || one.Plan == chosen))
                {
                    Print($"  {(plan == chosen ? '*' : ' ')} {Text(plan)}", seconds, bytes);
                }

                Release(1);
            }

            Release(0);
        }
    }

    /// <summary>The chosen plan and others for the same rows: few warps with little each, or broad ones that share what they read.</summary>
    private IEnumerable<SkinnyPlan> Plans(SkinnyPlan chosen, int inner)
    {
        var plans = new List<SkinnyPlan> { chosen };
        (int Inner, int Outer, int Tiles, int Blocks)[] sizes = chosen switch
        {
            { Gated: true } =>
            [
                (4, 1, 2, 2), (4, 1, 2, 3), (8, 1, 2, 1), (8, 1, 2, 2), (4, 2, 2, 1), (4, 2, 2, 2), (2, 4, 2, 1), (2, 4, 2, 2),
                (4, 4, 2, 1),
            ],
            { RowTiles: 1 } =>
            [
                (4, 1, 1, 2), (4, 1, 1, 3), (4, 1, 1, 4), (8, 1, 1, 1), (8, 1, 1, 2), (8, 1, 1, 3), (16, 1, 1, 1), (16, 1, 1, 2),
                (4, 1, 2, 2), (4, 1, 2, 3), (8, 1, 2, 1), (8, 1, 2, 2), (4, 2, 1, 2), (4, 2, 2, 1),
            ],
            _ =>
            [
                (4, 1, 1, 3), (8, 1, 1, 2), (16, 1, 1, 1), (16, 1, 2, 1), (4, 1, 2, 2), (8, 1, 2, 1), (8, 1, 2, 2), (4, 2, 2, 1),
                (4, 2, 2, 2), (2, 4, 2, 1), (4, 1, 4, 2), (8, 1, 4, 1),
            ],
        };
        foreach (var (innerWarps, outerWarps, tiles, blocks) in sizes.Where(size => size.Inner <= inner / SkinnyPlan.SlabElements))
        {
            var plan = (chosen with { InnerWarps = innerWarps, OuterWarps = outerWarps, OuterTiles = tiles })
                .Deep(blocks, SkinnyPlan.SlabElements * innerWarps * SkinnyPlan.MostStages, _backend.MostSharedBytes);
            if (plan.Stages > 1)
            {
                plans.Add(plan);
            }
        }

        return plans.Distinct();
    }

    private static string Text(SkinnyPlan plan) =>
        $"inner warps {plan.InnerWarps,2}, outer warps {plan.OuterWarps}, tiles {plan.OuterTiles}, stages {plan.Stages}, "
        + $"{plan.SharedBytes / 1024} KiB";

    private static void Print(string name, double seconds, double bytes) =>
        Console.WriteLine($"{name,-60}{seconds * 1e6,9:f2}{bytes / Ceilings.BytesPerSecond / seconds,10:p0}");

    /// <summary>A bf16 tensor of random values between -1/2 and 1/2.</summary>
    private Tensor New(params ReadOnlySpan<int> extents)
    {
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("bench", Shape.Of(extents), DType.BFloat16));
        var arena = _backend.Allocate(plan);
        _arenas.Add(arena);
        var random = new Random(1);
        var values = new ushort[(int)Math.Min(arena[0].Count, 1 << 20)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }

        for (long done = 0; done < arena[0].Count; done += values.Length)
        {
            var count = (int)Math.Min(values.Length, arena[0].Count - done);
            var part = new Tensor(arena[0].Address + (nint)(done * BFloat16Bytes), new Shape(count), DType.BFloat16, _backend.Device);
            _backend.CopyFromHost<ushort>(part, values.AsSpan(0, count));
        }

        return arena[0];
    }

    /// <summary>Frees all tensors but the first ones.</summary>
    private void Release(int kept)
    {
        _arenas.Skip(kept).ToList().ForEach(arena => arena.Dispose());
        _arenas.RemoveRange(kept, _arenas.Count - kept);
    }
}
