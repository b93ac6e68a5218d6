using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>The steps of a softmax over a row that lies in the cache.</summary>
internal static unsafe class Softmax
{
    /// <summary>The largest element, −∞ of none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Largest<V>(float* row, int count)
        where V : unmanaged, IFloat32Vector<V>
    {
        var lanes = V.Of(float.NegativeInfinity);
        var i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            lanes = V.Max(lanes, V.Load(row + i));
        }

        var largest = lanes.Largest();
        for (; i < count; i++)
        {
            largest = MathF.Max(largest, row[i]);
        }

        return largest;
    }

    /// <summary><c>row = exp(row·scale − shift)</c>; returns the sum of that, formed in lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials<V>(float* row, int count, float scale, float shift)
        where V : unmanaged, IFloat32Vector<V>
    {
        var lanes = V.Of(0);
        var i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            lanes += Step<V>(row + i, scale, shift);
        }

        var rest = Float32x1.Of(0);
        for (; i < count; i++)
        {
            rest += Step<Float32x1>(row + i, scale, shift);
        }

        return lanes.Sum() + rest.Sum();
    }

    /// <summary><c>Σ exp(row − shift)</c>, the row unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfExponentials<V>(float* row, int count, float shift)
        where V : unmanaged, IFloat32Vector<V>
    {
        var lanes = V.Of(0);
        var i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            lanes += Exponential.Of(V.Load(row + i) - V.Of(shift));
        }

        var rest = Float32x1.Of(0);
        for (; i < count; i++)
        {
            rest += Exponential.Of(Float32x1.Load(row + i) - Float32x1.Of(shift));
        }

        return lanes.Sum() + rest.Sum();
    }

    /// <summary><c>row *= factor</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<V>(float* row, int count, float factor)
        where V : unmanaged, IFloat32Vector<V>
    {
        var i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            (V.Load(row + i) * V.Of(factor)).Store(row + i);
        }

        for (; i < count; i++)
        {
            row[i] *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Step<V>(float* element, float scale, float shift)
        where V : unmanaged, IFloat32Vector<V>
    {
        var result = Exponential.Of(V.MultiplyAdd(V.Load(element), V.Of(scale), V.Of(-shift)));
        result.Store(element);
        return result;
    }
}
