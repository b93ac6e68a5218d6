namespace Rebound.Engine.Cpu;

/// <summary>RMSNorm of query and key heads (Qwen3); value heads pass through.</summary>
internal static unsafe class QueryKeyNorm
{
    public static void Forward(
        float* output, float* reciprocalRms, float* input, float* queryWeight, float* keyWeight, int tokens,
        AttentionShape shape, float epsilon)
    {
        var (heads, width) = (shape.QueryHeads + shape.KeyValueHeads, shape.HeadDim);
        for (var t = 0; t < tokens; t++)
        {
            var offset = (nint)t * shape.FusedHeads * width;
            for (var h = 0; h < heads; h++, offset += width)
            {
                reciprocalRms[((nint)t * heads) + h] = RmsNorm.ForwardRow(
                    output + offset, input + offset, h < shape.QueryHeads ? queryWeight : keyWeight, width, epsilon);
            }

            var values = shape.KeyValueHeads * width;
            new ReadOnlySpan<float>(input + offset, values).CopyTo(new Span<float>(output + offset, values));
        }
    }

    public static void Backward(
        float* dInput, float* dQueryWeight, float* dKeyWeight, float* dOutput, float* input, float* queryWeight,
        float* keyWeight, float* reciprocalRms, int tokens, AttentionShape shape)
    {
        var (heads, width) = (shape.QueryHeads + shape.KeyValueHeads, shape.HeadDim);
        for (var t = 0; t < tokens; t++)
        {
            var offset = (nint)t * shape.FusedHeads * width;
            for (var h = 0; h < heads; h++, offset += width)
            {
                var query = h < shape.QueryHeads;
                RmsNorm.BackwardRow(
                    dInput + offset, query ? dQueryWeight : dKeyWeight, dOutput + offset, input + offset,
                    query ? queryWeight : keyWeight, reciprocalRms[((nint)t * heads) + h], width, accumulate: false);
            }

            var values = shape.KeyValueHeads * width;
            new ReadOnlySpan<float>(dOutput + offset, values).CopyTo(new Span<float>(dInput + offset, values));
        }
    }
}
