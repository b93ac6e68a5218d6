using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Engine.Cpu;

/// <summary>A computation that is written for vectors of any width.</summary>
internal interface IVectorKernel
{
    /// <summary>Computes the items <paramref name="start"/> to <paramref name="end"/> − 1.</summary>
    void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>;
}

/// <summary>The processor's vectors.</summary>
internal static class Simd
{
    /// <summary>For people.</summary>
    public static string Description =>
        Avx512F.IsSupported ? "AVX-512"
        : Avx2.IsSupported ? "AVX2"
        : Vector256.IsHardwareAccelerated ? "256-bit vectors"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "scalar";

    /// <summary>Runs a kernel with the widest vectors that there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(ref TKernel kernel, int start, int end)
        where TKernel : struct, IVectorKernel
    {
        if (Avx512F.IsSupported)
        {
            kernel.Run<Float32x16>(start, end);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            kernel.Run<Float32x8>(start, end);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            kernel.Run<Float32x4>(start, end);
        }
        else
        {
            kernel.Run<Float32x1>(start, end);
        }
    }
}
