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
}
