namespace Rebound.Engine;

/// <summary>
/// The only batch form: documents one after the other, no padding and no mask. Attention never crosses a document.
/// T is the number of tokens, D the number of documents.
/// </summary>
public sealed class PackedBatch
{
    /// <summary>The label of a token outside of the loss.</summary>
    public const int IgnoreLabel = -100;

    private readonly int[] _tokens;
    private readonly int[] _positions;
    private readonly int[] _documentStarts;
    private readonly int[] _labels;
    private readonly int[] _supervisedRows;
    private readonly int[] _targets;

    /// <param name="tokens">[T] token ids.</param>
    /// <param name="documentStarts">[D+1] ascending, first 0, last T; no document is empty.</param>
    /// <param name="labels">
    /// [T] as in Hugging Face's layout: a token's own id where it is to be predicted, −100 outside of the loss. The row
    /// before it in its document makes the prediction, so a document's first label is never used. Empty: no labels.
    /// </param>
    /// <param name="firstPositions">[D] the position of each document's first token, when a cache holds what came before; empty: 0.</param>
    public PackedBatch(
        ReadOnlySpan<int> tokens,
        ReadOnlySpan<int> documentStarts,
        ReadOnlySpan<int> labels = default,
        ReadOnlySpan<int> firstPositions = default)
    {
        Validate(tokens, documentStarts, labels, firstPositions);
        _tokens = tokens.ToArray();
        _documentStarts = documentStarts.ToArray();
        _labels = labels.ToArray();
        _positions = new int[tokens.Length];
        var rows = new List<int>();
        var targets = new List<int>();
        for (var d = 0; d < DocumentCount; d++)
        {
            var (start, end) = (documentStarts[d], documentStarts[d + 1]);
            var first = firstPositions.IsEmpty ? 0 : firstPositions[d];
            for (var t = start; t < end; t++)
            {
                _positions[t] = first + t - start;
                LastPosition = Math.Max(LastPosition, _positions[t]);
                if (t > start && _labels.Length > 0 && _labels[t] != IgnoreLabel)
                {
                    rows.Add(t - 1);
                    targets.Add(_labels[t]);
                }
            }

            LongestDocument = Math.Max(LongestDocument, end - start);
        }

        _supervisedRows = [.. rows];
        _targets = [.. targets];
        (TokenRange, TargetRange) = (RangeOf(_tokens), RangeOf(_targets));
    }

    /// <summary>[T] token ids.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>[T] positions, which restart with every document.</summary>
    public ReadOnlySpan<int> Positions => _positions;

    /// <summary>[D+1] the row at which each document starts, and T.</summary>
    public ReadOnlySpan<int> DocumentStarts => _documentStarts;

    /// <summary>[T] labels, or empty.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>[S] the rows whose next token is supervised, ascending.</summary>
    public ReadOnlySpan<int> SupervisedRows => _supervisedRows;

    /// <summary>[S] the token that each of <see cref="SupervisedRows"/> has to predict.</summary>
    public ReadOnlySpan<int> Targets => _targets;

    public int TokenCount => _tokens.Length;

    public int DocumentCount => _documentStarts.Length - 1;

    /// <summary>Length in tokens of the longest document.</summary>
    public int LongestDocument { get; }

    /// <summary>The highest position of any document.</summary>
    public int LastPosition { get; }

    /// <summary>The lowest and the highest of <see cref="Tokens"/>.</summary>
    internal (int Lowest, int Highest) TokenRange { get; }

    /// <summary>The lowest and the highest of <see cref="Targets"/>, or zeros.</summary>
    internal (int Lowest, int Highest) TargetRange { get; }

    private static (int Lowest, int Highest) RangeOf(int[] tokens) =>
        tokens.Length == 0 ? (0, 0) : (tokens.Min(), tokens.Max());

    private static void Validate(
        ReadOnlySpan<int> tokens,
        ReadOnlySpan<int> documentStarts,
        ReadOnlySpan<int> labels,
        ReadOnlySpan<int> firstPositions)
    {
        if (documentStarts.Length < 2 || documentStarts[0] != 0 || documentStarts[^1] != tokens.Length)
        {
            throw new ArgumentException(
                $"Document starts must begin with 0 and end with the token count {tokens.Length}.", nameof(documentStarts));
        }

        for (var d = 1; d < documentStarts.Length; d++)
        {
            if (documentStarts[d] <= documentStarts[d - 1])
            {
                throw new ArgumentException($"Document {d - 1} is empty: documents have at least one token.", nameof(documentStarts));
            }
        }

        if (!labels.IsEmpty && labels.Length != tokens.Length)
        {
            throw new ArgumentException($"There are {labels.Length} labels for {tokens.Length} tokens.", nameof(labels));
        }

        if (!firstPositions.IsEmpty && firstPositions.Length != documentStarts.Length - 1)
        {
            throw new ArgumentException(
                $"There are {firstPositions.Length} first positions for {documentStarts.Length - 1} documents.", nameof(firstPositions));
        }
    }
}
