using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Root mean square normalization of one row; <see cref="QueryKeyNormForwardKernel"/> uses it for heads. Sums over a row
/// are in fp64: where a few channels carry nearly all of a row's energy, as they do in trained models, the backward
/// subtracts almost equal numbers, and an fp32 sum's error would be what is left.
/// </summary>
internal static unsafe class RmsNorm
{
    /// <summary><c>output = input·r·weight</c>; returns <c>r = 1 / √(mean(input²) + ε)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ForwardRow<V>(float* output, float* input, float* weight, int width, float epsilon)
        where V : unmanaged, IFloat32Vector<V>
    {
        var reciprocal = 1 / MathF.Sqrt((float)(Vectors.WideDot<V>(input, input, width) / width) + epsilon);
        var r = V.Of(reciprocal);
        var c = 0;
        for (; c + V.Count <= width; c += V.Count)
        {
            Output(V.Load(input + c), r, V.Load(weight + c)).Store(output + c);
        }

        for (; c < width; c++)
        {
            Output(Float32x1.Load(input + c), Float32x1.Of(reciprocal), Float32x1.Load(weight + c)).Store(output + c);
        }

        return reciprocal;
    }

    /// <summary>
    /// Of <c>output[c] = input[c]·r·weight[c]</c> with <c>r = (mean(input²) + ε)^−½</c>:
    /// <c>dInput[c] = r·(dOutput[c]·weight[c] − input[c]·r²·mean(dOutput·weight·input))</c>,
    /// <c>dWeight[c] += dOutput[c]·input[c]·r</c>.
    /// </summary>
    /// <param name="dInput">=, or += with <paramref name="accumulate"/>; may be <paramref name="dOutput"/> itself.</param>
    /// <param name="dWeight">+=, or null.</param>
    /// <param name="output">= what the forward wrote, or null; may be <paramref name="dOutput"/> itself.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardRow<V>(
        float* dInput, float* dWeight, float* output, float* dOutput, float* input, float* weight, float reciprocal, int width,
        bool accumulate)
        where V : unmanaged, IFloat32Vector<V>
    {
        var pull = (float)(WeightedDot<V>(dOutput, weight, input, width) / width * reciprocal * reciprocal);
        var c = 0;
        for (; c + V.Count <= width; c += V.Count)
        {
            BackwardStep<V>(
                dInput + c, dWeight == null ? null : dWeight + c, output == null ? null : output + c, dOutput + c, input + c,
                weight + c, reciprocal, pull, accumulate);
        }

        for (; c < width; c++)
        {
            BackwardStep<Float32x1>(
                dInput + c, dWeight == null ? null : dWeight + c, output == null ? null : output + c, dOutput + c, input + c,
                weight + c, reciprocal, pull, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardStep<V>(
        float* dInput, float* dWeight, float* output, float* dOutput, float* input, float* weight, float reciprocal, float pull,
        bool accumulate)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (d, x, w, r) = (V.Load(dOutput), V.Load(input), V.Load(weight), V.Of(reciprocal));
        if (dWeight != null)
        {
            V.MultiplyAdd(d, x * r, V.Load(dWeight)).Store(dWeight);
        }

        var gradient = r * ((d * w) - (x * V.Of(pull)));
        (accumulate ? V.Load(dInput) + gradient : gradient).Store(dInput);
        if (output != null)
        {
            Output(x, r, w).Store(output);
        }
    }

    /// <summary><c>input·r·weight</c>, rounded alike by forward and backward.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Output<V>(V input, V r, V weight)
        where V : unmanaged, IFloat32Vector<V> => input * r * weight;

    /// <summary><c>Σ dOutput·weight·input</c>: the first product in fp32, the rest in fp64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double WeightedDot<V>(float* dOutput, float* weight, float* input, int width)
        where V : unmanaged, IFloat32Vector<V>
    {
        const int Block = 256;
        var products = stackalloc float[Block];
        var sum = 0.0;
        for (var start = 0; start < width; start += Block)
        {
            var count = Math.Min(Block, width - start);
            var c = 0;
            for (; c + V.Count <= count; c += V.Count)
            {
                (V.Load(dOutput + start + c) * V.Load(weight + start + c)).Store(products + c);
            }

            for (; c < count; c++)
            {
                products[c] = dOutput[start + c] * weight[start + c];
            }

            sum += Vectors.WideDot<V>(products, input + start, count);
        }

        return sum;
    }
}

/// <summary>RMSNorm over rows.</summary>
internal unsafe struct RmsNormForwardKernel : IVectorKernel
{
    public float* Output;
    public float* ReciprocalRms;
    public float* Input;
    public float* Weight;
    public int Width;
    public float Epsilon;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            ReciprocalRms[t] = RmsNorm.ForwardRow<V>(Output + ((nint)t * Width), Input + ((nint)t * Width), Weight, Width, Epsilon);
        }
    }
}

/// <summary>Backward of RMSNorm over parts of <see cref="PartRows"/> rows, each with its own sum for the weight.</summary>
internal unsafe struct RmsNormBackwardKernel : IVectorKernel
{
    public const int PartRows = 32;

    public float* DInput;

    /// <summary>[parts, Width], =, or null.</summary>
    public float* DWeightOfPart;

    /// <summary>=, or null; may be <see cref="DOutput"/> itself.</summary>
    public float* Output;

    public float* DOutput;
    public float* Input;
    public float* Weight;
    public float* ReciprocalRms;
    public int Width;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var dWeight = DWeightOfPart == null ? null : DWeightOfPart + ((nint)(start / PartRows) * Width);
        if (dWeight != null)
        {
            Vectors.Clear(dWeight, Width);
        }

        for (var t = start; t < end; t++)
        {
            var row = (nint)t * Width;
            RmsNorm.BackwardRow<V>(
                DInput + row, dWeight, Output == null ? null : Output + row, DOutput + row, Input + row, Weight, ReciprocalRms[t],
                Width, accumulate: true);
        }
    }
}

/// <summary><c>into += Σ_part parts[part]</c>, in order of the parts, over columns.</summary>
internal unsafe struct SumPartsKernel : IVectorKernel
{
    public float* Into;

    /// <summary>[parts, Width].</summary>
    public float* Parts;

    public int Count;
    public int Width;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var part = 0; part < Count; part++)
        {
            Vectors.Add<V>(Into + start, Parts + ((nint)part * Width) + start, end - start);
        }
    }
}
