using System.Numerics.Tensors;
using Rebound.Engine;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Scheduling;

/// <summary>The log-probabilities of a prompt's tokens while they are computed, from the first token on.</summary>
/// <param name="prompt">At least one token.</param>
/// <param name="likeliest">Likeliest tokens that are wanted in the place of each.</param>
internal sealed class PromptScores(int[] prompt, int likeliest)
{
    private readonly ScoredToken[] _tokens = new ScoredToken[prompt.Length - 1];

    /// <summary>The positions whose logits have been read, each of which scores the token after it.</summary>
    public int Scored { get; private set; }

    public bool AreWhole => Scored == _tokens.Length;

    /// <summary>The tokens from the second one on, once they are whole.</summary>
    public IReadOnlyList<ScoredToken> Tokens => _tokens;

    /// <summary>Whether the logits of a position are still to be read.</summary>
    public bool Lacks(int position) => position >= Scored && position < _tokens.Length;

    /// <summary>Reads the logits of a position; those of several may be read at the same time.</summary>
    /// <param name="logits">[V].</param>
    /// <returns>A logit that is not finite; null where all are.</returns>
    public float? Read(int position, ReadOnlySpan<float> logits)
    {
        var largest = TensorPrimitives.MaxMagnitude(logits);
        if (!float.IsFinite(largest))
        {
            return largest;
        }

        var token = prompt[position + 1];
        var (likely, logSumExp) = (new LikelyToken[Math.Min(likeliest, logits.Length)], (float)LogitStatistics.LogSumExp(logits));
        LogitStatistics.TakeLikeliest(likely, logits, logSumExp);
        _tokens[position] = new ScoredToken(token, logits[token] - logSumExp, LogitStatistics.Rank(logits, token), likely);
        return null;
    }

    /// <summary>Begins anew, since other weights computed the logits that were read.</summary>
    public void Restart() => Scored = 0;

    /// <summary>All positions up to one have been read.</summary>
    public void Advance(int end) => Scored = Math.Max(Scored, Math.Min(end, _tokens.Length));
}
