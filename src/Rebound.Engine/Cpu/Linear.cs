using System.Numerics;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cpu;

/// <summary>A linear layer: <c>output = input · weightᵀ + bias</c>.</summary>
internal static unsafe class Linear
{
    public static void Forward(
        float* output, float* input, float* weight, float* bias, int tokens, int inner, int outer, bool accumulate)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var n = 0; n < outer; n++)
            {
                var sum = Dot(input + ((nint)t * inner), weight + ((nint)n * inner), inner) + (bias == null ? 0 : bias[n]);
                var into = output + ((nint)t * outer) + n;
                *into = accumulate ? *into + sum : sum;
            }
        }
    }

    /// <summary>Of <c>output[t,n] = Σ_k input[t,k]·weight[n,k]</c>: <c>dInput[t,k] = Σ_n dOutput[t,n]·weight[n,k]</c>.</summary>
    public static void BackwardInput(
        float* dInput, float* dOutput, float* weight, int tokens, int inner, int outer, bool accumulate)
    {
        for (var t = 0; t < tokens; t++)
        {
            var row = dInput + ((nint)t * inner);
            if (!accumulate)
            {
                new Span<float>(row, inner).Clear();
            }

            for (var n = 0; n < outer; n++)
            {
                AddScaled(row, weight + ((nint)n * inner), dOutput[((nint)t * outer) + n], inner);
            }
        }
    }

    /// <summary>Of <c>output[t,n] = Σ_k input[t,k]·weight[n,k] + bias[n]</c>: <c>dWeight[n,k] += Σ_t dOutput[t,n]·input[t,k]</c>.</summary>
    public static void BackwardWeight(
        float* dWeight, float* dBias, float* dOutput, float* input, int tokens, int inner, int outer)
    {
        for (var n = 0; n < outer; n++)
        {
            for (var t = 0; t < tokens; t++)
            {
                var gradient = dOutput[((nint)t * outer) + n];
                AddScaled(dWeight + ((nint)n * inner), input + ((nint)t * inner), gradient, inner);
                if (dBias != null)
                {
                    dBias[n] += gradient;
                }
            }
        }
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
}
