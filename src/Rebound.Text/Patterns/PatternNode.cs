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

    /// <summary>How many nodes stand one in the other here, this one included.</summary>
    public abstract int Depth { get; }

    internal sealed record Set(CodePointSet Members) : PatternNode
    {
        public override bool IsNullable => false;

        public override int Depth => 1;
    }

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool IsNullable { get; } = Parts.All(part => part.IsNullable);

        public override int Depth { get; } = 1 + Deepest(Parts);
    }

    internal sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode
    {
        public override bool IsNullable { get; } = Options.Any(option => option.IsNullable);

        public override int Depth { get; } = 1 + Deepest(Options);
    }

    /// <param name="Max">How often at most; <see cref="int.MaxValue"/> for no bound.</param>
    internal sealed record Repeat(PatternNode Body, int Min, int Max, Repetition Kind) : PatternNode
    {
        public override bool IsNullable => Min == 0 || Body.IsNullable;

        public override int Depth => 1 + Body.Depth;
    }

    /// <summary>Matches as its body does, and gives nothing back afterwards.</summary>
    internal sealed record Atomic(PatternNode Body) : PatternNode
    {
        public override bool IsNullable => Body.IsNullable;

        public override int Depth => 1 + Body.Depth;
    }

    /// <summary>Whether the body matches here, ahead or (of a fixed length) behind, without taking it.</summary>
    internal sealed record Look(PatternNode Body, bool Behind, bool Negated) : PatternNode
    {
        public override bool IsNullable => true;

        public override int Depth => 1 + Body.Depth;
    }

    internal sealed record Anchor(AnchorKind Kind) : PatternNode
    {
        public override bool IsNullable => true;

        public override int Depth => 1;
    }

    private static int Deepest(IReadOnlyList<PatternNode> nodes) => nodes.Select(node => node.Depth).DefaultIfEmpty(0).Max();
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
