using Rebound.Engine;

namespace Rebound.Bench;

/// <summary>The arithmetic of attention: of the scores that are seen, not of those that a tile computes beside them.</summary>
internal static class AttentionFlops
{
    /// <summary>Multiplications and additions of one product over all scores; a forward has two of them, a backward five.</summary>
    public static double OfProduct(PackedBatch batch, AttentionShape shape)
    {
        var pairs = 0.0;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            double length = batch.DocumentStarts[d + 1] - batch.DocumentStarts[d];
            pairs += length * (length + 1) / 2;
        }

        return 2 * pairs * shape.QueryHeads * shape.HeadDim;
    }

    /// <summary>Of a batch that goes on where its sequences are: the tokens that are seen, and the scores of its own with them.</summary>
    public static (double Cached, double Pairs) OfCached(PackedBatch batch)
    {
        var (cached, pairs) = (0.0, 0.0);
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            double length = batch.DocumentStarts[d + 1] - batch.DocumentStarts[d];
            var end = batch.Positions[batch.DocumentStarts[d + 1] - 1] + 1;
            cached += end;
            pairs += (length * end) - (length * (length - 1) / 2);
        }

        return (cached, pairs);
    }
}
