namespace Rebound.Grammar;

/// <summary>How a schema is compiled, and the bounds within which it has to be.</summary>
public sealed record JsonGrammarOptions
{
    public JsonSpacing Spacing { get; init; } = JsonSpacing.Spaced;

    /// <summary>Most values within each other, the outermost counted.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>Most characters of a schema.</summary>
    public int MaxSchemaLength { get; init; } = 1_000_000;

    /// <summary>Most combinations of subschemas.</summary>
    public int MaxRules { get; init; } = 5_000;

    /// <summary>Most states of the automaton of one string or number.</summary>
    public int MaxStates { get; init; } = 20_000;

    /// <summary>Most nodes that are made while a schema is compiled.</summary>
    public int MaxNodes { get; init; } = 300_000;

    /// <exception cref="ArgumentException">A bound is below 1, or the depth is more than what readers of JSON take.</exception>
    public void Validate()
    {
        if (MaxDepth is < 1 or > 64 || MaxSchemaLength < 1 || MaxRules < 1 || MaxStates < 1 || MaxNodes < 1)
        {
            throw new ArgumentException("The bounds of a grammar are at least 1, and its depth is at most 64.");
        }
    }
}
