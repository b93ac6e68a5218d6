namespace Rebound.Grammar.Automata;

/// <summary>
/// A language of byte strings, and so a state of the automaton: what may still follow. The rest of a <see cref="NodeKind.Sequence"/> is
/// the stack. Nodes are made by a <see cref="NodeTable"/>, which has one for each language as it is written.
/// </summary>
internal sealed class Node
{
    /// <summary><see cref="Max"/> where there is no bound.</summary>
    public const int Unbounded = int.MaxValue;

    public required NodeKind Kind { get; init; }

    /// <summary>In order of creation.</summary>
    public required long Id { get; init; }

    /// <summary>Whether the empty text belongs to it: a document may end here.</summary>
    public required bool IsNullable { get; init; }

    /// <summary>Whether it calls rules.</summary>
    public bool HasCalls { get; init; }

    /// <summary>Of <see cref="NodeKind.Bytes"/>.</summary>
    public ByteSet Set { get; init; }

    /// <summary>Of a sequence its first part, of a repetition, a unit or a complement its body.</summary>
    public Node? First { get; init; }

    /// <summary>Of a sequence the rest.</summary>
    public Node? Second { get; init; }

    /// <summary>Of a choice or what is in common.</summary>
    public NodeList Options { get; init; } = NodeList.None;

    /// <summary>Of a repetition; of a call that has no level yet what it adds to the caller's.</summary>
    public int Min { get; init; }

    /// <summary>Of a repetition; of a call its level, of a state its number.</summary>
    public int Max { get; init; }

    public Rule? Rule { get; init; }

    public FiniteAutomaton? Automaton { get; init; }

    /// <summary>Computed when first needed.</summary>
    public Moves? Moves { get; set; }
}
