namespace Rebound.Grammar.Texts;

/// <summary>A parsed regular expression.</summary>
internal abstract record PatternPart
{
    internal sealed record Set(CodePointRanges Members) : PatternPart;

    internal sealed record Sequence(IReadOnlyList<PatternPart> Parts) : PatternPart;

    internal sealed record Choice(IReadOnlyList<PatternPart> Options) : PatternPart;

    internal sealed record Repeat(PatternPart Body, int Min, int Max) : PatternPart;

    /// <summary>The start of the text.</summary>
    internal sealed record Start : PatternPart;

    /// <summary>The end of the text.</summary>
    internal sealed record End : PatternPart;

    /// <summary>Whether the body follows, or does not.</summary>
    internal sealed record Ahead(PatternPart Body, bool Negated) : PatternPart;
}
