using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cpu;

/// <summary>Sums over and of short vectors that lie in the cache.</summary>
internal static unsafe class Vectors
{
    /// <summary><c>into += from</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<V>(float* into, float* from, int count)
        where V : unmanaged, IFloat32Vector<V>
    {
        var i = 0;
        for (; i + V.Count <= count; i += V.Count)
        {
            (V.Load(into + i) + V.Load(from + i)).Store(into + i);
        }

        for (; i < count; i++)
        {
            into[i] += from[i];
        }
    }

    /// <summary><c>Σ left·right</c>: four sums of lanes, added pairwise, then the lanes, then the remainder in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<V>(float* left, float* right, int count)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (s0, s1, s2, s3) = (V.Of(0), V.Of(0), V.Of(0), V.Of(0));
        var i = 0;
        for (; i + (4 * V.Count) <= count; i += 4 * V.Count)
        {
            s0 = V.MultiplyAdd(V.Load(left + i), V.Load(right + i), s0);
            s1 = V.MultiplyAdd(V.Load(left + i + V.Count), V.Load(right + i + V.Count), s1);
            s2 = V.MultiplyAdd(V.Load(left + i + (2 * V.Count)), V.Load(right + i + (2 * V.Count)), s2);
            s3 = V.MultiplyAdd(V.Load(left + i + (3 * V.Count)), V.Load(right + i + (3 * V.Count)), s3);
        }

        for (; i + V.Count <= count; i += V.Count)
        {
            s0 = V.MultiplyAdd(V.Load(left + i), V.Load(right + i), s0);
        }

        var sum = (s0 + s1 + (s2 + s3)).Sum();
        for (; i < count; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    /// <summary><c>Σ left·right</c> in fp64: whole vectors in lanes, then the remainder in order.</summary>
    public static double WideDot<V>(float* left, float* right, int count)
        where V : unmanaged, IFloat32Vector<V>
    {
        var whole = count / V.Count * V.Count;
        return V.WideDot(left, right, whole) + Float32x1.WideDot(left + whole, right + whole, count - whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* into, float* from, int count) =>
        new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(into, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(float* into, nint count) => NativeMemory.Clear(into, (nuint)count * sizeof(float));

    /// <summary>The first multiple of 64 bytes at or after an address.</summary>
    public static float* Align(float* address) => (float*)(((nuint)address + 63) & ~(nuint)63);
}
