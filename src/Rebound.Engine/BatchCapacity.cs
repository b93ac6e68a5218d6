using System.Numerics;

namespace Rebound.Engine;

/// <summary>The largest batch that a <see cref="PreparedBatch"/> holds.</summary>
/// <param name="Tokens">Rows, and selected rows.</param>
/// <param name="Documents">Documents, or sequences of a cache.</param>
/// <param name="SequencePages">Pages of each sequence of a cache; 0 without one.</param>
public readonly record struct BatchCapacity(int Tokens, int Documents, int SequencePages = 0)
{
    /// <summary>The capacity that one batch needs.</summary>
    public static BatchCapacity Of(PackedBatch batch, PageTable? pages = null) =>
        new(batch.TokenCount, batch.DocumentCount, pages?.LongestSequence ?? 0);

    /// <summary>Whether a batch of <paramref name="other"/>'s size fits.</summary>
    public bool Holds(BatchCapacity other) =>
        other.Tokens <= Tokens && other.Documents <= Documents && other.SequencePages <= SequencePages;

    /// <summary>A capacity for both, grown to powers of two, so that slowly growing batches seldom reallocate.</summary>
    public BatchCapacity GrownTo(BatchCapacity other) =>
        new(Grown(Tokens, other.Tokens), Grown(Documents, other.Documents), Grown(SequencePages, other.SequencePages));

    /// <summary>The most tiles of all documents; a tile holds tokens of one document.</summary>
    internal int Tiles(int tileTokens) => Math.Min(Tokens, (Tokens / tileTokens) + Documents);

    public override string ToString() => $"{Tokens} tokens, {Documents} documents and {SequencePages} pages of a sequence";

    private static int Grown(int from, int to) =>
        to <= from ? from : (int)Math.Min(int.MaxValue, BitOperations.RoundUpToPowerOf2((uint)to));
}
