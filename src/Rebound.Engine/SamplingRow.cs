namespace Rebound.Engine;

/// <summary>
/// How one row's token is drawn from its logits, in the order of transformers' logits processors: guidance, edits, allowed tokens,
/// temperature, top-k, top-p, min-p.
/// </summary>
public readonly record struct SamplingRow()
{
    /// <summary>The most of <see cref="Likeliest"/>.</summary>
    public const int MostLikeliest = 20;

    /// <summary>Scores are divided by it; 0 is greedy: the largest score, of equal ones that of the smallest id.</summary>
    public float Temperature { get; init; }

    /// <summary>Keep the k likeliest tokens, and those as likely as the last of them; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// The least likely tokens go while what goes sums up to at most 1 − p, of equally likely ones those with smaller ids first; the
    /// likeliest stays. 1 keeps all.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keep tokens at least this fraction as likely as the likeliest; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>A draw from [0, 1): the token is the one at which the sum of probabilities, by ascending id, passes it.</summary>
    public double Uniform { get; init; }

    /// <summary>How many of the likeliest tokens are wanted with their log-probabilities, 0 to <see cref="MostLikeliest"/>.</summary>
    public int Likeliest { get; init; }

    /// <summary>Changes of single tokens' logits, of distinct tokens.</summary>
    public ReadOnlyMemory<LogitEdit> Edits { get; init; }

    /// <summary>
    /// The only tokens that may be drawn: [⌈V / 64⌉], token t is bit t mod 64 of word t / 64; empty for all. It has to stay as it
    /// is until the rows are replaced.
    /// </summary>
    public ReadOnlyMemory<ulong> Allowed { get; init; }

    /// <summary>
    /// w, for a row of two rows of logits, its own l and the opposite o, which follows it: the token is drawn from l + w·(l − o).
    /// Null for a row of its own logits.
    /// </summary>
    public float? Guidance { get; init; }

    /// <summary>Rows of logits that it reads.</summary>
    public int LogitRows => Guidance is null ? 1 : 2;

    /// <summary>Whether a token may be drawn.</summary>
    internal bool Allows(int token) => Allowed.IsEmpty || (Allowed.Span[token >> 6] >> (token & 63) & 1) == 1;

    /// <summary>The first of what is outside of its range, as a clause; null where all is within.</summary>
    /// <param name="vocabulary">V.</param>
    internal string? Problem(int vocabulary)
    {
        if (!(Temperature >= 0) || !float.IsFinite(Temperature))
        {
            return $"a temperature of {Temperature}, and may have finite ones of at least 0";
        }

        if (TopK < 0 || !(TopP is >= 0 and <= 1) || !(MinP is >= 0 and <= 1))
        {
            return $"a top-k of {TopK}, a top-p of {TopP} and a min-p of {MinP}, and may have a top-k from 0 on and others between 0 and 1";
        }

        if (!(Uniform is >= 0 and < 1) || Likeliest is < 0 or > MostLikeliest || (Guidance is { } weight && !float.IsFinite(weight)))
        {
            return $"a draw of {Uniform}, {Likeliest} likeliest tokens and a guidance of {Guidance}, and may have draws in [0, 1), "
                + $"0 to {MostLikeliest} tokens and finite weights";
        }

        if (!Allowed.IsEmpty && (Allowed.Length != (vocabulary + 63) / 64 || !Allowed.Span.ContainsAnyExcept(0UL)))
        {
            return $"a mask of {Allowed.Length} words, and may have one of {(vocabulary + 63) / 64} words that allows a token";
        }

        foreach (var edit in Edits.Span)
        {
            if ((uint)edit.Token >= (uint)vocabulary)
            {
                return $"an edit of token {edit.Token}, and may have those of tokens 0 to {vocabulary - 1}";
            }
        }

        return null;
    }
}

/// <summary>
/// A change of one token's logit: score = logit + <paramref name="Before"/>, then divided by <paramref name="Penalty"/> where it is
/// positive and multiplied by it where it is negative, then + <paramref name="After"/>.
/// </summary>
/// <param name="Penalty">A repetition penalty (Keskar et al. 2019, arXiv 1909.05858); 1 for none.</param>
public readonly record struct LogitEdit(int Token, float Before, float Penalty, float After);
