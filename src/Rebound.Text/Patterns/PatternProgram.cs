namespace Rebound.Text.Patterns;

/// <summary>The operation of a step of a <see cref="PatternProgram"/>.</summary>
internal enum PatternOperation
{
    /// <summary>Takes one code point of the set.</summary>
    Take,

    /// <summary>Takes from Min to Max code points of the set, greedily.</summary>
    TakeRun,

    /// <summary>The same, giving nothing back.</summary>
    TakeRunPossessively,

    /// <summary>Goes on at Target; if that fails, at Other.</summary>
    Split,

    /// <summary>Goes on at Target.</summary>
    Jump,

    /// <summary>Goes on if Inner matches here (or, Negated, does not), without taking it.</summary>
    Look,

    /// <summary>Takes what Inner matches, giving nothing back.</summary>
    Atomic,

    /// <summary>Goes on if the position fits the anchor.</summary>
    Anchor,

    /// <summary>Has matched.</summary>
    Accept,
}

/// <summary>One step.</summary>
/// <param name="Min">For a run its least length; for a look how many code points to step back first.</param>
internal sealed record PatternStep(
    PatternOperation Operation,
    CodePointSet? Set = null,
    PatternProgram? Inner = null,
    int Min = 0,
    int Max = 0,
    int Target = 0,
    int Other = 0,
    bool Negated = false,
    AnchorKind AnchorKind = default)
{
    /// <summary>
    /// Whether a <see cref="MatchMemory"/> keeps its places; a run without a bound enters every one that it comes through.
    /// </summary>
    public bool IsRemembered { get; } = Operation switch
    {
        PatternOperation.Split or PatternOperation.Look or PatternOperation.Atomic => true,
        PatternOperation.TakeRun or PatternOperation.TakeRunPossessively => Max != int.MaxValue,
        _ => false,
    };
}

/// <summary>A regular expression as steps for the <see cref="PatternMatcher"/>; the last one accepts.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Number">Its number among a pattern's programs, which are the pattern itself and its looks and atomic groups.</param>
/// <param name="IsLook">Whether it is only asked whether it matches, not how far.</param>
internal sealed record PatternProgram(PatternStep[] Steps, int Number, bool IsLook);
