using System.Diagnostics;
using System.Runtime.InteropServices;
using Rebound.Engine.Cpu;

namespace Rebound.Bench;

/// <summary>
/// Matrix products in GFLOP/s, beside the peak of multiply-adds on registers and beside a peer, shape by shape in turns,
/// so that all of them meet the same machine.
/// </summary>
internal static unsafe class GemmBench
{
    private const int Rounds = 4;
    private const double SecondsPerRound = 0.08;

    public static int Run(string[] arguments)
    {
        var threads = Environment.ProcessorCount;
        var shapes = GemmShape.Squares().Concat(GemmShape.Training());
        var peerCommand = Array.Empty<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--threads" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], out threads) && threads > 0:
                    i++;
                    break;
                case "--few-rows":
                    shapes = GemmShape.SmallBatchGemm();
                    break;
                case "--low-rank":
                    shapes = GemmShape.LowRank();
                    break;
                case "--peer" when i + 1 < arguments.Length:
                    peerCommand = arguments[(i + 1)..];
                    i = arguments.Length;
                    OpenBlas.UseBest(peerCommand[0], threads);
                    break;
                default:
                    Console.Error.WriteLine($"gemm: '{arguments[i]}' is not an option, or lacks its value.");
                    return 2;
            }
        }

        using var peer = peerCommand.Length == 0 ? null : new GemmPeer(peerCommand, threads);
        using var pool = new WorkerPool(threads);
        using var gemm = new Gemm(pool);
        Console.WriteLine($"GFLOP/s on {threads} threads, best and median; peak: multiply-adds on registers; peer: {peer?.Name ?? "none"}");
        Console.WriteLine(
            $"{"layer",-14} {"form",4} {"M",6} {"N",6} {"K",6} {"best",7} {"median",7} {"peak",7} {"%peak",6} {"peer",7} "
                + $"{"median",7} {"ratio",6}");
        foreach (var shape in shapes)
        {
            Measure(shape, gemm, pool, peer);
        }

        return 0;
    }

    private static void Measure(GemmShape shape, Gemm gemm, WorkerPool pool, GemmPeer? peer)
    {
        float* a = Numbers((long)shape.M * shape.K), b = Numbers((long)shape.N * shape.K), c = Numbers((long)shape.M * shape.N);
        var product = MatrixProduct.Of(
            shape.M, shape.N, shape.K,
            shape.Form == GemmForm.TN ? new MatrixView((nint)a, shape.M, Transposed: true) : new MatrixView((nint)a, shape.K),
            shape.Form == GemmForm.NT ? new MatrixView((nint)b, shape.K, Transposed: true) : new MatrixView((nint)b, shape.N),
            c, shape.N, accumulate: shape.Form == GemmForm.TN);
        var own = new List<double>();
        var others = new List<double>();
        var peak = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            gemm.Multiply(product);
            var end = Stopwatch.GetTimestamp() + (long)(SecondsPerRound * Stopwatch.Frequency);
            do
            {
                var start = Stopwatch.GetTimestamp();
                gemm.Multiply(product);
                own.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            while (Stopwatch.GetTimestamp() < end);

            peak = Math.Max(peak, PeakFlops.Measure(pool));
            others.AddRange(peer?.Times(shape, SecondsPerRound) ?? []);
        }

        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
        var (best, median) = Rates(shape, own);
        Console.Write(
            $"{shape.Name,-14} {shape.Form,4} {shape.M,6} {shape.N,6} {shape.K,6} {best,7:F1} {median,7:F1} {peak,7:F1} "
                + $"{best / peak,6:P0}");
        var (peerBest, peerMedian) = Rates(shape, others);
        Console.WriteLine(others.Count == 0 ? "" : $" {peerBest,7:F1} {peerMedian,7:F1} {best / peerBest,6:F2}");
    }

    private static (double Best, double Median) Rates(GemmShape shape, List<double> seconds)
    {
        if (seconds.Count == 0)
        {
            return default;
        }

        seconds.Sort();
        return (shape.GigaFlops / seconds[0], shape.GigaFlops / seconds[seconds.Count / 2]);
    }

    private static float* Numbers(long count)
    {
        var random = new Random(1);
        var numbers = (float*)NativeMemory.AlignedAlloc((nuint)(sizeof(float) * count), 64);
        for (long i = 0; i < count; i++)
        {
            numbers[i] = random.NextSingle() - 0.5f;
        }

        return numbers;
    }
}
