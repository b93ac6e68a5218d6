using System.Numerics;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cpu;

/// <summary>A linear layer: <c>output = input · weightᵀ + bias</c>.</summary>
internal static unsafe class Linear
{
    public static void Forward(
        Gemm gemm, float* output, float* input, float* weight, float* bias, int tokens, int inner, int outer, bool accumulate)
    {
        var product = MatrixProduct.Of(
            tokens, outer, inner, new MatrixView((nint)input, inner), new MatrixView((nint)weight, inner, Transposed: true),
            output, outer, accumulate);
        if (bias != null && accumulate)
        {
            for (var t = 0; t < tokens; t++)
            {
                AddScaled(output + ((nint)t * outer), bias, 1, outer);
            }
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
        Gemm gemm, float* dInput, float* dOutput, float* weight, int tokens, int inner, int outer, bool accumulate) =>
        gemm.Multiply(MatrixProduct.Of(
            tokens, inner, outer, new MatrixView((nint)dOutput, outer), new MatrixView((nint)weight, inner), dInput, inner, accumulate));

    /// <summary>Of <c>output[t,n] = Σ_k input[t,k]·weight[n,k]</c>: <c>dWeight[n,k] += Σ_t dOutput[t,n]·input[t,k]</c>.</summary>
    public static void BackwardWeight(
        Gemm gemm, float* dWeight, float* dOutput, float* input, int tokens, int inner, int outer) =>
        gemm.Multiply(MatrixProduct.Of(
            outer, inner, tokens, new MatrixView((nint)dOutput, outer, Transposed: true), new MatrixView((nint)input, inner), dWeight, inner,
            accumulate: true));

    /// <summary>Of <c>output[t,n] = … + bias[n]</c>: <c>dBias[n] += Σ_t dOutput[t,n]</c>, t rising.</summary>
    public static void BackwardBias(WorkerPool pool, float* dBias, float* dOutput, int tokens, int outer)
    {
        var job = new BiasJob { DBias = dBias, DOutput = dOutput, Tokens = tokens, Outer = outer };
        pool.Run(ref job, (outer + BiasJob.Columns - 1) / BiasJob.Columns);
    }

    public static float Dot(float* left, float* right, int count)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(new ReadOnlySpan<float>(left, count));
        var b = MemoryMarshal.Cast<float, Vector<float>>(new ReadOnlySpan<float>(right, count));
        var sums = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i++)
        {
            sums += a[i] * b[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = a.Length * Vector<float>.Count; i < count; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    public static void AddScaled(float* into, float* from, float factor, int count)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(new Span<float>(into, count));
        var b = MemoryMarshal.Cast<float, Vector<float>>(new ReadOnlySpan<float>(from, count));
        for (var i = 0; i < a.Length; i++)
        {
            a[i] += b[i] * factor;
        }

        for (var i = a.Length * Vector<float>.Count; i < count; i++)
        {
            into[i] += from[i] * factor;
        }
    }

    private struct BiasJob : IParallelJob
    {
        public const int Columns = 256;

        public float* DBias;
        public float* DOutput;
        public int Tokens;
        public int Outer;

        public readonly void Execute(int part)
        {
            var first = part * Columns;
            for (var t = 0; t < Tokens; t++)
            {
                AddScaled(DBias + first, DOutput + ((nint)t * Outer) + first, 1, Math.Min(Columns, Outer - first));
            }
        }
    }
}
