using Rebound.Grammar.Automata;

namespace Rebound.Grammar;

/// <summary>
/// Texts as an automaton over UTF-8 bytes, of which every state leads to an end. One thread uses it at a time.
/// </summary>
public abstract class ByteGrammar
{
    private protected ByteGrammar(NodeTable table, Node start) => (Table, Start) = (table, start);

    internal NodeTable Table { get; }

    internal Node Start { get; }

    /// <summary>Whether a text is one of the grammar's.</summary>
    public bool Accepts(ReadOnlySpan<byte> text) => Table.Follow(Start, text).IsNullable;
}
