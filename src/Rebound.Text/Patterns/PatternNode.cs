namespace Rebound.Text.Patterns;

/// <summary>How a repetition gives back what it took.</summary>
internal enum Repetition
{
    /// <summary>As much as it can, giving back if the rest fails.</summary>
    Greedy,

    /// <summary>As little as it can, taking more if the rest fails.</summary>
    Lazy,

    /// <summary>As much as it can, giving back nothing.</summary>
    Possessive,
}

/// <summary>A parsed regular expression.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether it can match without taking a character.</summary>
    public abstract bool IsNullable { get; }

    internal sealed record Set(CodePointSet Members) : PatternNode
    {
        public override bool IsNullable => false;
    }

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool IsNullable => Parts.All(part => part.IsNullable);
    }

    internal sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode
    {
        public override bool IsNullable => Options.Any(option => option.IsNullable);
    }

    /// <param name="Max">How often at most; <see cref="int.MaxValue"/> for no bound.</param>
    internal sealed record Repeat(PatternNode Body, int Min, int Max, Repetition Kind) : PatternNode
    {
        public override bool IsNullable => Min == 0 || Body.IsNullable;
    }

    /// <summary>Matches as its body does, and gives nothing back afterwards.</summary>
    internal sealed record Atomic(PatternNode Body) : PatternNode
    {
        public override bool IsNullable => Body.IsNullable;
    }

    /// <summary>Whether the body matches here, ahead or (of a fixed length) behind, without taking it.</summary>
    internal sealed record Look(PatternNode Body, bool Behind, bool Negated) : PatternNode
    {
        public override bool IsNullable => true;
    }

    internal sealed record Anchor(AnchorKind Kind) : PatternNode
    {
        public override bool IsNullable => true;
    }
}

/// <summary>A condition on a position.</summary>
internal enum AnchorKind
{
    TextStart,
    TextEnd,
    TextEndOrLastNewline,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}
