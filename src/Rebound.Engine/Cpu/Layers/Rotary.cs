using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Rotates query and key heads over rows: <c>x' = x·cos − y·sin, y' = y·cos + x·sin</c> for x in the head's first half
/// and y in its second. The backward is the transposed rotation: <see cref="Sign"/> −1 negates the sines.
/// </summary>
internal unsafe struct RotaryKernel : IVectorKernel
{
    public float* Heads;
    public float* Cosines;
    public float* Sines;
    public int* Positions;
    public AttentionShape Shape;
    public float Sign;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var half = Shape.HeadDim / 2;
        for (var t = start; t < end; t++)
        {
            var cos = Cosines + ((nint)Positions[t] * half);
            var sin = Sines + ((nint)Positions[t] * half);
            for (var h = 0; h < Shape.QueryHeads + Shape.KeyValueHeads; h++)
            {
                var head = Heads + ((((nint)t * Shape.FusedHeads) + h) * Shape.HeadDim);
                var i = 0;
                for (; i + V.Count <= half; i += V.Count)
                {
                    Step<V>(head + i, head + half + i, cos + i, sin + i);
                }

                for (; i < half; i++)
                {
                    Step<Float32x1>(head + i, head + half + i, cos + i, sin + i);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Step<V>(float* first, float* second, float* cosines, float* sines)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (x, y, cos, sin) = (V.Load(first), V.Load(second), V.Load(cosines), V.Load(sines) * V.Of(Sign));
        ((x * cos) - (y * sin)).Store(first);
        V.MultiplyAdd(x, sin, y * cos).Store(second);
    }
}
