using Rebound.Text.PreTokenization;

namespace Rebound.Text.Bpe;

/// <summary>Settings for training a byte-level BPE vocabulary.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>GPT-2's split pattern: words with the space before them, case-sensitive contractions.</summary>
    public const string Gpt2Pattern = WordPattern.Gpt2;

    /// <summary>Llama 3's split pattern: numbers in threes, line breaks kept together.</summary>
    public const string Llama3Pattern = WordPattern.Llama3;

    /// <summary>How many tokens there are at most: 256 bytes, merges, special tokens. Training may end before.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens such as <c>&lt;|im_end|&gt;</c>; they get the last ids and take no part in merges.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>How often a pair must occur to be merged.</summary>
    public long MinFrequency { get; init; } = 2;

    /// <summary>The regular expression whose matches are the words; no merge reaches over their ends.</summary>
    public string Pattern { get; init; } = Llama3Pattern;

    /// <summary>Fails with every problem there is.</summary>
    internal void Validate()
    {
        var problems = new List<string>();
        if (VocabularySize < 256 + SpecialTokens.Count)
        {
            problems.Add(
                $"VocabularySize is {VocabularySize}, but 256 bytes and {SpecialTokens.Count} special tokens need at least "
                    + $"{256 + SpecialTokens.Count}");
        }

        if (MinFrequency < 1)
        {
            problems.Add($"MinFrequency is {MinFrequency}, but must be at least 1");
        }

        if (SpecialTokens.Any(token => token.Length == 0) || SpecialTokens.Distinct().Count() < SpecialTokens.Count)
        {
            problems.Add("SpecialTokens holds an empty token or one twice");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", problems) + ".");
        }
    }
}
