using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Engine.Cpu;

namespace Rebound.Bench;

/// <summary>The rate of multiply-adds that touch no memory: what no matrix product can exceed.</summary>
internal static class PeakFlops
{
    private const int Iterations = 20_000;
    private const int Chains = 12;

    /// <summary>GFLOP/s of all of a pool's threads together, the best of a few bursts.</summary>
    public static double Measure(WorkerPool pool)
    {
        var best = 0.0;
        for (var burst = 0; burst < 20; burst++)
        {
            var job = new Job { Sums = new float[pool.Threads] };
            var start = Stopwatch.GetTimestamp();
            pool.Run(ref job, pool.Threads);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            best = Math.Max(best, 2e-9 * Lanes * Chains * Iterations * pool.Threads / seconds);
        }

        return best;
    }

    private static int Lanes =>
        Avx512F.IsSupported ? Floats16.Count : Vector256.IsHardwareAccelerated ? Floats8.Count : Floats4.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Burst<V>()
        where V : unmanaged, IFloats<V>
    {
        var (x, y) = (V.Of(0.999f), V.Of(1e-3f));
        V s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x, s8 = x, s9 = x, s10 = x, s11 = x;
        for (var i = 0; i < Iterations; i++)
        {
            s0 = V.MultiplyAdd(s0, x, y);
            s1 = V.MultiplyAdd(s1, x, y);
            s2 = V.MultiplyAdd(s2, x, y);
            s3 = V.MultiplyAdd(s3, x, y);
            s4 = V.MultiplyAdd(s4, x, y);
            s5 = V.MultiplyAdd(s5, x, y);
            s6 = V.MultiplyAdd(s6, x, y);
            s7 = V.MultiplyAdd(s7, x, y);
            s8 = V.MultiplyAdd(s8, x, y);
            s9 = V.MultiplyAdd(s9, x, y);
            s10 = V.MultiplyAdd(s10, x, y);
            s11 = V.MultiplyAdd(s11, x, y);
        }

        return (s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11).Sum();
    }

    private struct Job : IParallelJob
    {
        /// <summary>Kept, so that the JIT cannot leave the work out.</summary>
        public float[] Sums;

        public readonly void Execute(int part) => Sums[part] =
            Avx512F.IsSupported ? Burst<Floats16>()
            : Vector256.IsHardwareAccelerated ? Burst<Floats8>()
            : Burst<Floats4>();
    }
}
