using System.Numerics;

namespace Rebound.Engine;

/// <summary>The largest batch that a <see cref="PreparedBatch"/> holds.</summary>
/// <param name="Tokens">Rows, and selected rows.</param>
/// <param name="Documents">Documents, or sequences of a cache.</param>
/// <param name="SequencePages">Pages of each sequence of a cache; 0 without one.</param>
public readonly record struct BatchCapacity(int Tokens, int Documents, int SequencePages = 0)
{
    /// <summary>What one batch takes.</summary>
    public static BatchCapacity Of(PackedBatch batch, PageTable? pages = null) =>
        new(batch.TokenCount, batch.DocumentCount, pages?.LongestSequence ?? 0);

    /// <summary>Whether a batch of <paramref name="other"/>'s size fits.</summary>
    public bool Holds(BatchCapacity other) =>
        other.Tokens <= Tokens && other.Documents <= Documents && other.SequencePages <= SequencePages;

    /// <summary>Room for both, in powers of two, so that batches that grow bit by bit are seldom made room for.</summary>
    public BatchCapacity GrownTo(BatchCapacity other) =>
        new(Grown(Tokens, other.Tokens), Grown(Documents, other.Documents), Grown(SequencePages, other.SequencePages));

    /// <summary>The most tiles that documents are cut into, each into tiles of its own.</summary>
    internal int Tiles(int tileTokens) => Math.Min(Tokens, (Tokens / tileTokens) + Documents);

    public override string ToString() => $"{Tokens} tokens, {Documents} documents and {SequencePages} pages of a sequence";

    private static int Grown(int from, int to) => to <= from ? from : (int)Math.Min(int.MaxValue, BitOperations.RoundUpToPowerOf2((uint)to));
}
