namespace Rebound.Grammar;

/// <summary>The bounds within which a context-free grammar has to be.</summary>
public sealed record EbnfGrammarOptions
{
    /// <summary>Most times that rules nest in themselves, where a rule that recurs at its own end does not count.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>Most characters of a grammar.</summary>
    public int MaxLength { get; init; } = 100_000;

    /// <summary>Most rules, those counted that come of rules that begin with themselves.</summary>
    public int MaxRules { get; init; } = 2_000;

    /// <summary>Most states of a part in which no rule calls itself.</summary>
    public int MaxStates { get; init; } = 20_000;

    /// <summary>Most nodes that are made while a grammar is compiled.</summary>
    public int MaxNodes { get; init; } = 300_000;

    /// <exception cref="ArgumentException">A bound is below 1, or the depth is above 1,000.</exception>
    public void Validate()
    {
        if (MaxDepth is < 1 or > 1_000 || MaxLength < 1 || MaxRules < 1 || MaxStates < 1 || MaxNodes < 1)
        {
            throw new ArgumentException("The bounds of a grammar are at least 1, and its depth is at most 1000.");
        }
    }
}
