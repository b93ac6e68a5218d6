using System.Collections.Immutable;
using Rebound.Engine;

namespace Rebound.Inference.Generation;

/// <summary>The sampling, length limit and stop conditions of a generation.</summary>
public sealed record GenerationOptions
{
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate for a sequence.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>A sequence ends with the first of these; usually the model's end-of-sequence tokens.</summary>
    public ImmutableArray<int> StopTokenIds { get; init; } = [];

    /// <summary>The text ends before the first of these, unless it shows them; they may span tokens.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Special tokens that the text shows, such as the marks around calls of tools; others are left out of it.</summary>
    public ImmutableArray<int> ShownTokenIds { get; init; } = [];

    /// <summary>Whether the text shows all special tokens.</summary>
    public bool ShowsSpecialTokens { get; init; }

    /// <summary>Whether the text has the stop string that ended it, or the text of the stop token, a special one's where shown.</summary>
    public bool ShowsStop { get; init; }

    /// <summary>
    /// Holds each sequence to a form, such as a JSON Schema; null for none. A stop token ends it where the form is complete. The next
    /// token's step waits until the last one is known, for all sequences of a scheduler.
    /// </summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>
    /// How many of the likeliest tokens are wanted, with its log-probability, in the place of each token of the prompt, up to
    /// <see cref="SamplingRow.MostLikeliest"/>; null for no log-probabilities of the prompt. All of the prompt is computed for them, and
    /// its logits come to the host, a few rows at a time.
    /// </summary>
    public int? PromptLikeliestTokens { get; init; }

    /// <exception cref="ArgumentException">Options are outside of their range.</exception>
    public void Validate()
    {
        Sampling.Validate();
        if (PromptLikeliestTokens is < 0 or > SamplingRow.MostLikeliest)
        {
            throw new ArgumentException(
                $"{PromptLikeliestTokens} likeliest tokens are wanted in the place of the prompt's, and 0 to {SamplingRow.MostLikeliest} "
                    + "can be.");
        }

        if (MaxNewTokens < 1)
        {
            throw new ArgumentException($"The number of new tokens is {MaxNewTokens}, and must be at least 1.");
        }

        if (StopStrings.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop string is empty: it would end every text before its first character.");
        }
    }
}

/// <summary>Why a sequence ended.</summary>
public enum FinishReason
{
    /// <summary>One of the stop tokens was generated.</summary>
    StopToken,

    /// <summary>The text reached one of the stop strings.</summary>
    StopString,

    /// <summary>As many tokens as were asked for.</summary>
    MaxNewTokens,

    /// <summary>The model's context is full.</summary>
    ContextFull,
}

/// <summary>One token of one sequence.</summary>
/// <param name="Sequence">Index of the prompt.</param>
/// <param name="Token">The token that was generated.</param>
/// <param name="Text">
/// The text that is certain by now, often empty: half characters and possible starts of a stop string are held back.
/// Always empty without a tokenizer.
/// </param>
/// <param name="Finish">Set on a sequence's last token.</param>
public readonly record struct GenerationEvent(int Sequence, int Token, string Text, FinishReason? Finish)
{
    /// <summary>
    /// Natural logarithm of the token's probability under the model itself: the log-softmax of its logits, before temperature, penalties,
    /// filters and guidance.
    /// </summary>
    public float LogProbability { get; init; }

    /// <summary>
    /// The likeliest tokens in its place by the same logits, the likeliest first: <see cref="SamplingOptions.LikeliestTokens"/> of them.
    /// </summary>
    public IReadOnlyList<LikelyToken> Likeliest { get; init; } = [];

    /// <summary>
    /// With a sequence's first token, where <see cref="GenerationOptions.PromptLikeliestTokens"/> asks for them: the prompt's own tokens
    /// from the second one on.
    /// </summary>
    public IReadOnlyList<ScoredToken> Prompt { get; init; } = [];

    /// <summary>Tokens of the prompt that were found in the cache and not computed; under guidance of both prompts.</summary>
    public int ReusedTokens { get; init; }
}

/// <summary>A finished sequence.</summary>
/// <param name="Tokens">All generated tokens, a stop token included.</param>
/// <param name="Text">Their text, without stop token and stop string; empty without a tokenizer.</param>
public sealed record GenerationResult(int[] Tokens, string Text, FinishReason Finish);
