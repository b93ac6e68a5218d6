using Rebound.Engine;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training;

/// <summary>
/// Puts documents into a batch without the tokens after the last supervised one: attention is causal, so no loss depends
/// on them.
/// </summary>
internal static class DocumentBatch
{
    /// <summary>Tokens of a document that a loss depends on.</summary>
    /// <exception cref="ArgumentException">The document has no supervised token.</exception>
    public static int LengthOf(TokenizedDocument document)
    {
        var length = document.Content.LearnedLength;
        return length > 0
            ? length
            : throw new ArgumentException($"Document {document.Id} has no supervised token.", nameof(document));
    }

    public static PackedBatch Of(IReadOnlyList<TokenizedDocument> documents)
    {
        var starts = new int[documents.Count + 1];
        for (var d = 0; d < documents.Count; d++)
        {
            starts[d + 1] = starts[d] + LengthOf(documents[d]);
        }

        var (tokens, labels) = (new int[starts[^1]], new int[starts[^1]]);
        for (var d = 0; d < documents.Count; d++)
        {
            var length = starts[d + 1] - starts[d];
            documents[d].Content.Tokens.Span[..length].CopyTo(tokens.AsSpan(starts[d]));
            documents[d].Content.CopyLabels(labels.AsSpan(starts[d], length));
        }

        return new PackedBatch(tokens, starts, labels);
    }
}
