namespace Rebound.Inference.Generation;

/// <summary>
/// How the next token is chosen from the logits, in the order of transformers' logits processors: repetition penalty,
/// temperature, top-k, top-p, min-p. Temperature 0 is greedy: the likeliest token after the repetition penalty.
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
        if (problems.Count > 0)
        {
            throw new ArgumentException($"Sampling options: {string.Join("; ", problems)}.");
        }

        void Require(bool condition, string problem)
        {
            if (!condition)
            {
                problems.Add(problem);
            }
        }
    }
}
