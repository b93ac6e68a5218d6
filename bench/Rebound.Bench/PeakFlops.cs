using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Engine.Cpu;
using Rebound.Quantization;

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
        Avx512F.IsSupported ? Lanes512.Count : Vector256.IsHardwareAccelerated ? Lanes256.Count : Lanes128.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Burst<TVector, TLanes>()
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        var (x, y) = (TLanes.Broadcast(0.999f), TLanes.Broadcast(1e-3f));
        TVector s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x, s8 = x, s9 = x, s10 = x, s11 = x;
        for (var i = 0; i < Iterations; i++)
        {
            s0 = TLanes.MultiplyAdd(s0, x, y);
            s1 = TLanes.MultiplyAdd(s1, x, y);
            s2 = TLanes.MultiplyAdd(s2, x, y);
            s3 = TLanes.MultiplyAdd(s3, x, y);
            s4 = TLanes.MultiplyAdd(s4, x, y);
            s5 = TLanes.MultiplyAdd(s5, x, y);
            s6 = TLanes.MultiplyAdd(s6, x, y);
            s7 = TLanes.MultiplyAdd(s7, x, y);
            s8 = TLanes.MultiplyAdd(s8, x, y);
            s9 = TLanes.MultiplyAdd(s9, x, y);
            s10 = TLanes.MultiplyAdd(s10, x, y);
            s11 = TLanes.MultiplyAdd(s11, x, y);
        }

        s0 = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(TLanes.Add(s4, s5), TLanes.Add(s6, s7)));
        return TLanes.Sum(TLanes.Add(s0, TLanes.Add(TLanes.Add(s8, s9), TLanes.Add(s10, s11))));
    }

    private struct Job : IParallelJob
    {
        /// <summary>Kept, so that the JIT cannot leave the work out.</summary>
        public float[] Sums;

        public readonly void Execute(int part) => Sums[part] =
            Avx512F.IsSupported ? Burst<Vector512<float>, Lanes512>()
            : Vector256.IsHardwareAccelerated ? Burst<Vector256<float>, Lanes256>()
            : Burst<Vector128<float>, Lanes128>();
    }
}
