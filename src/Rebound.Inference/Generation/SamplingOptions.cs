using System.Collections.Immutable;
using Rebound.Engine;

namespace Rebound.Inference.Generation;

/// <summary>
/// How the next token is chosen from the logits: bias, repetition penalty, presence and frequency penalty, and then, in the order of
/// transformers' logits processors, temperature, top-k, top-p, min-p. Temperature 0 is greedy: the likeliest token after the penalties.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Logits are divided by it; 0 is greedy.</summary>
    public float Temperature { get; init; }

    /// <summary>Keep the k likeliest tokens, and those as likely as the last of them; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Keep the likeliest tokens whose probabilities reach this sum (Holtzman et al. 2019, arXiv 1904.09751); 1 keeps all.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>
    /// Keep tokens at least this fraction as likely as the likeliest (Nguyen et al. 2024, arXiv 2407.01082); 0 keeps all.
    /// </summary>
    public float MinP { get; init; }

    /// <summary>
    /// Logits of tokens that were seen, prompt included, are divided by it when positive and multiplied when negative
    /// (Keskar et al. 2019, arXiv 1909.05858); 1 for none.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the logits of tokens that were generated, once each; below 0 it makes them likelier.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logits of tokens that were generated, for every time that they were.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens, before all penalties.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>
    /// How many of the likeliest tokens are wanted with each token that is drawn, up to <see cref="SamplingRow.MostLikeliest"/>.
    /// </summary>
    public int LikeliestTokens { get; init; }

    /// <summary>Draws are a function of this, of the sequence's number and of the token's.</summary>
    public ulong Seed { get; init; }

    /// <exception cref="ArgumentException">Options are outside of their range; all of them are named.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        Require(float.IsFinite(Temperature) && Temperature >= 0, $"temperature is {Temperature}, and must be 0 (greedy) or more");
        Require(TopK >= 0, $"top-k is {TopK}, and must be 0 (all tokens) or more");
        Require(TopP is >= 0 and <= 1, $"top-p is {TopP}, and must be between 0 and 1");
        Require(MinP is >= 0 and <= 1, $"min-p is {MinP}, and must be between 0 and 1");
        Require(
            float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0,
            $"the repetition penalty is {RepetitionPenalty}, and must be above 0 (1 for none)");
        RequireFinite(PresencePenalty, "the presence penalty");
        RequireFinite(FrequencyPenalty, "the frequency penalty");
        foreach (var (token, bias) in LogitBias)
        {
            Require(token >= 0, $"the logit bias names token {token}, and tokens are counted from 0");
            RequireFinite(bias, $"the bias of token {token}");
        }

        Require(
            LikeliestTokens is >= 0 and <= SamplingRow.MostLikeliest,
            $"{LikeliestTokens} likeliest tokens are wanted, and 0 to {SamplingRow.MostLikeliest} can be");
        if (problems.Count > 0)
        {
            throw new ArgumentException($"Sampling options: {string.Join("; ", problems)}.");
        }

        void RequireFinite(float value, string name) => Require(float.IsFinite(value), $"{name} is {value}, and must be a finite number");

        void Require(bool condition, string problem)
        {
            if (!condition)
            {
                problems.Add(problem);
            }
        }
    }
}
