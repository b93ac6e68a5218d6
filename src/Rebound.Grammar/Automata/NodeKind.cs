namespace Rebound.Grammar.Automata;

/// <summary>How a <see cref="Node"/> is made of others.</summary>
internal enum NodeKind
{
    /// <summary>No text at all.</summary>
    Never,

    /// <summary>The empty text.</summary>
    Empty,

    /// <summary>One byte of a set.</summary>
    Bytes,

    /// <summary>One after the other.</summary>
    Sequence,

    /// <summary>One of several.</summary>
    Choice,

    /// <summary>One, between two numbers of times.</summary>
    Repeat,

    /// <summary>A part that is not taken apart into the sequence that it stands in, so that its masks are shared.</summary>
    Unit,

    /// <summary>A rule, at a level of nesting.</summary>
    Call,

    /// <summary>The texts that several have in common; of regular ones.</summary>
    Common,

    /// <summary>Every text but those of one; of a regular one.</summary>
    Complement,

    /// <summary>A state of a finite automaton.</summary>
    State,
}
