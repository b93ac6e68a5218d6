namespace Rebound.Engine.Cpu;

/// <summary>A linear layer: <c>output = input · weightᵀ + bias</c>.</summary>
internal static unsafe class Linear
{
    private const int BiasColumnsOfPart = 256;

    public static void Forward(
        Gemm gemm, float* output, float* input, MatrixView weight, float* bias, int tokens, int inner, int outer, bool accumulate,
        bool mayRound = false)
    {
        var product = MatrixProduct.Of(
            tokens, outer, inner, new MatrixView((nint)input, inner), weight with { Transposed = true }, output, outer, accumulate);
        product.MayRound = mayRound;
        if (bias != null && accumulate)
        {
            var kernel = new AddBiasKernel { Output = output, Bias = bias, Width = outer };
            Simd.Run(ref kernel, 0, tokens);
        }
        else if (bias != null)
        {
            product.Addend = bias;
            product.StrideAddend = 0;
        }

        gemm.Multiply(product);
    }

    /// <summary>Of <c>output[t,n] = Σ_k input[t,k]·weight[n,k]</c>: <c>dInput[t,k] = Σ_n dOutput[t,n]·weight[n,k]</c>.</summary>
    public static void BackwardInput(
        Gemm gemm, float* dInput, float* dOutput, MatrixView weight, int tokens, int inner, int outer, bool accumulate) =>
        gemm.Multiply(MatrixProduct.Of(
            tokens, inner, outer, new MatrixView((nint)dOutput, outer), weight, dInput, inner, accumulate));

    /// <summary>Of <c>output[t,n] = Σ_k input[t,k]·weight[n,k]</c>: <c>dWeight[n,k] += Σ_t dOutput[t,n]·input[t,k]</c>.</summary>
    public static void BackwardWeight(
        Gemm gemm, float* dWeight, float* dOutput, float* input, int tokens, int inner, int outer) =>
        gemm.Multiply(MatrixProduct.Of(
            outer, inner, tokens, new MatrixView((nint)dOutput, outer, Transposed: true), new MatrixView((nint)input, inner), dWeight,
            inner, accumulate: true));

    /// <summary>Of <c>output[t,n] = … + bias[n]</c>: <c>dBias[n] += Σ_t dOutput[t,n]</c>, t rising.</summary>
    public static void BackwardBias(WorkerPool pool, float* dBias, float* dOutput, int tokens, int outer)
    {
        var kernel = new SumPartsKernel { Into = dBias, Parts = dOutput, Count = tokens, Width = outer };
        Rows.RunFixed(pool, kernel, outer, BiasColumnsOfPart);
    }
}

/// <summary><c>output[t] += bias</c> over rows.</summary>
internal unsafe struct AddBiasKernel : IVectorKernel
{
    public float* Output;
    public float* Bias;
    public int Width;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            Vectors.Add<V>(Output + ((nint)t * Width), Bias, Width);
        }
    }
}
