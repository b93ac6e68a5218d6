using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Engine.Cpu;
using Rebound.Quantization;

namespace Rebound.Engine.Tests;

/// <summary>The widths of vectors that the processor has, one lane among them.</summary>
internal static class VectorWidths
{
    public static List<Gemm> Gemms(WorkerPool pool, int floats = 1 << 20)
    {
        List<GemmKernels> kernels = [new GemmKernels<float, Lanes1>()];
        if (Vector128.IsHardwareAccelerated)
        {
            kernels.Add(new GemmKernels<Vector128<float>, Lanes128>());
        }

        if (Vector256.IsHardwareAccelerated)
        {
            kernels.Add(new GemmKernels<Vector256<float>, Lanes256>());
        }

        if (Avx512F.IsSupported)
        {
            kernels.Add(new GemmKernels<Vector512<float>, Lanes512>());
        }

        return kernels.ConvertAll(width => new Gemm(pool, width, floats, floats));
    }

    /// <summary>From one lane on.</summary>
    public static List<WidenedProducts> Products(BlockType type)
    {
        List<WidenedProducts> products = [type.WidenedProducts<float, Lanes1>()];
        if (Vector128.IsHardwareAccelerated)
        {
            products.Add(type.WidenedProducts<Vector128<float>, Lanes128>());
        }

        if (Vector256.IsHardwareAccelerated)
        {
            products.Add(type.WidenedProducts<Vector256<float>, Lanes256>());
        }

        if (Avx512F.IsSupported)
        {
            products.Add(type.WidenedProducts<Vector512<float>, Lanes512>());
        }

        return products;
    }
}
