namespace Rebound.Engine.Cpu;

/// <summary>Rotation of query and key heads by their position's angles.</summary>
internal static unsafe class Rotary
{
    /// <summary>
    /// <c>x' = x·cos − y·sin, y' = y·cos + x·sin</c> for x in the head's first half and y in its second. The backward is
    /// the transposed rotation: <paramref name="sign"/> −1 negates the sines.
    /// </summary>
    public static void Rotate(
        float* heads, float* cosines, float* sines, ReadOnlySpan<int> positions, AttentionShape shape, float sign)
    {
        var half = shape.HeadDim / 2;
        for (var t = 0; t < positions.Length; t++)
        {
            var cos = cosines + ((nint)positions[t] * half);
            var sin = sines + ((nint)positions[t] * half);
            for (var h = 0; h < shape.QueryHeads + shape.KeyValueHeads; h++)
            {
                var head = heads + ((((nint)t * shape.FusedHeads) + h) * shape.HeadDim);
                for (var i = 0; i < half; i++)
                {
                    var (x, y) = (head[i], head[i + half]);
                    head[i] = (x * cos[i]) - (y * sin[i] * sign);
                    head[i + half] = (y * cos[i]) + (x * sin[i] * sign);
                }
            }
        }
    }
}
