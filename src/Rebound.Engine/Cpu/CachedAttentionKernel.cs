namespace Rebound.Engine.Cpu;

/// <summary>Attention over keys and values that lie in pages.</summary>
internal static unsafe class CachedAttentionKernel
{
    public static void Append(
        float* keys, float* values, float* fused, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        var width = shape.HeadDim;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var pages = table.Pages(d);
            for (var t = batch.DocumentStarts[d]; t < batch.DocumentStarts[d + 1]; t++)
            {
                for (var h = 0; h < shape.KeyValueHeads; h++)
                {
                    var key = fused + ((((nint)t * shape.FusedHeads) + shape.QueryHeads + h) * width);
                    var slot = Slot(pages, batch.Positions[t], h, shape);
                    new ReadOnlySpan<float>(key, width).CopyTo(new Span<float>(keys + slot, width));
                    new ReadOnlySpan<float>(key + (shape.KeyValueHeads * width), width).CopyTo(new Span<float>(values + slot, width));
                }
            }
        }
    }

    public static void Forward(
        float* output, float* keys, float* values, float* fused, PackedBatch batch, PageTable table, AttentionShape shape)
    {
        var width = shape.HeadDim;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var pages = table.Pages(d);
            for (var t = batch.DocumentStarts[d]; t < batch.DocumentStarts[d + 1]; t++)
            {
                var position = batch.Positions[t];
                for (var h = 0; h < shape.QueryHeads; h++)
                {
                    var query = fused + ((((nint)t * shape.FusedHeads) + h) * width);
                    var softmax = new OnlineSoftmax(output + ((((nint)t * shape.QueryHeads) + h) * width), width);
                    for (var s = Attention.FirstKey(position, 0, shape.Window); s <= position; s++)
                    {
                        var slot = Slot(pages, s, h / shape.GroupSize, shape);
                        softmax.Add(shape.Scale * Linear.Dot(query, keys + slot, width), values + slot);
                    }

                    softmax.Finish();
                }
            }
        }
    }

    /// <summary>Where the vector of a position and head starts in <c>[pages, KvH, PageTokens, HeadDim]</c>.</summary>
    private static nint Slot(ReadOnlySpan<int> pages, int position, int head, AttentionShape shape)
    {
        var page = (nint)pages[position / PageTable.PageTokens];
        return ((((page * shape.KeyValueHeads) + head) * PageTable.PageTokens) + (position % PageTable.PageTokens)) * shape.HeadDim;
    }
}
