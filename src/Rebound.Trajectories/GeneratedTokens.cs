namespace Rebound.Trajectories;

/// <summary>
/// The tokens that a turn was generated with, all that the model drew: its end token where it came to one, and where the turn's text was
/// cut, also those behind the cut.
/// </summary>
public sealed record GeneratedTokens
{
    /// <param name="tokenizer">The fingerprint of the tokenizer whose ids they are.</param>
    /// <param name="ids">[n].</param>
    /// <param name="logProbabilities">[n], natural logarithms under the model itself, before sampling options; NaN where unknown.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public GeneratedTokens(string tokenizer, IReadOnlyList<int> ids, IReadOnlyList<float> logProbabilities)
    {
        (Tokenizer, Ids, LogProbabilities) = (tokenizer, ids, logProbabilities);
        if (ids.Count != logProbabilities.Count)
        {
            throw new ArgumentException($"There are {ids.Count} token ids and {logProbabilities.Count} log-probabilities.");
        }
    }

    /// <summary>The fingerprint of the tokenizer whose ids they are.</summary>
    public string Tokenizer { get; }

    /// <summary>[n].</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>[n], natural logarithms under the model itself, before sampling options; NaN where unknown.</summary>
    public IReadOnlyList<float> LogProbabilities { get; }

    /// <summary>Pieces of one turn, put together; null for none.</summary>
    public static GeneratedTokens? Join(IReadOnlyList<GeneratedTokens> pieces) => pieces switch
    {
        [] => null,
        [var only] => only,
        [var first, ..] => new GeneratedTokens(
            first.Tokenizer, [.. pieces.SelectMany(piece => piece.Ids)], [.. pieces.SelectMany(piece => piece.LogProbabilities)]),
    };
}
