using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Masks;

/// <summary>
/// Which tokens may come in each state of a grammar, as bits, kept by state. What can be said of the first part of a sequence alone is kept
/// by that part, so that a string costs its walk over the vocabulary once, wherever it stands and however long it may be. Several
/// threads may use it.
/// </summary>
public sealed class TokenMasks
{
    private const int MostMasks = 2048;

    /// <summary>Most states that are made for a mask; tokens that would take more are left out: answers stay valid.</summary>
    private const int MostMade = 200_000;

    private readonly ByteGrammar _grammar;
    private readonly TokenTrie _trie;
    private readonly int[] _endTokens;
    private readonly int _words;
    private readonly Node[] _path;
    private readonly Dictionary<Node, ulong[]> _masks = [];
    private readonly Dictionary<Node, (ulong[] Mask, int[] Exits)> _parts = [];
    private readonly Dictionary<Node, CountedPart?> _counted = [];
    private readonly Dictionary<Node, Node> _clamped = [];
    private readonly Dictionary<FiniteAutomaton, int[]> _classes = [];
    private int _kept;
    private int _generation;
    private long _mostMade;

    /// <param name="endTokens">Allowed where the document is whole, at least one.</param>
    /// <param name="vocabulary">V of the model.</param>
    /// <exception cref="ArgumentException">There is no end token, or one is outside of the vocabulary.</exception>
    public TokenMasks(ByteGrammar grammar, TokenTrie trie, IEnumerable<int> endTokens, int vocabulary)
    {
        (_grammar, _trie) = (grammar, trie);
        _endTokens = [.. endTokens];
        if (_endTokens.Length == 0 || _endTokens.Any(token => token < 0 || token >= vocabulary) || trie.Largest >= vocabulary)
        {
            throw new ArgumentException(
                $"A constrained document ends by a token: there must be one at least, and all of them among the model's {vocabulary}.");
        }

        _words = (vocabulary + 63) / 64;
        _path = new Node[trie.Longest + 1];
    }

    /// <summary>Masks that were computed, those that were forgotten counted.</summary>
    public long Computed { get; private set; }

    internal Node Start => _grammar.Start;

    /// <summary>The tokens that may come in a state: [⌈V / 64⌉], token t is bit t mod 64 of word t / 64.</summary>
    internal ulong[] Of(Node state)
    {
        lock (_grammar)
        {
            if (_masks.TryGetValue(state, out var mask))
            {
                return mask;
            }

            if (_kept >= MostMasks || _generation != _grammar.Table.Generation)
            {
                _masks.Clear();
                _parts.Clear();
                _counted.Clear();
                _clamped.Clear();
                _classes.Clear();
                (_kept, _generation) = (0, _grammar.Table.Generation);
            }

            mask = Compute(state);
            _masks.Add(state, mask);
            _kept++;
            Computed++;
            return mask;
        }
    }

    /// <summary>Where a token leads; null for one that may not come.</summary>
    internal Node? Follow(Node state, int token)
    {
        lock (_grammar)
        {
            return (uint)token < (uint)_trie.Tokens.Count && _trie.Tokens[token] is { Length: > 0 } bytes
                && _grammar.Table.Follow(state, bytes) is var next && next != _grammar.Table.Never ? next : null;
        }
    }

    internal bool IsEnd(int token) => Array.IndexOf(_endTokens, token) >= 0;

    private ulong[] Compute(Node state)
    {
        _mostMade = _grammar.Table.Made + MostMade;
        var mask = new ulong[_words];
        if (state is { Kind: NodeKind.Sequence, First: { Kind: NodeKind.Unit or NodeKind.State, IsNullable: false } part })
        {
            foreach (var exit in AllowPart(part, mask))
            {
                var node = _trie.Nodes[exit];
                Walk(exit + 1, node.End, state.Second!, node.Depth, mask, exits: null);
            }
        }
        else
        {
            Walk(0, _trie.Nodes.Length, state, 0, mask, exits: null);
        }

        // Where the vocabulary has no token for what must follow, the document can only end.
        if (state.IsNullable || Array.TrueForAll(mask, word => word == 0))
        {
            Array.ForEach(_endTokens, token => Allow(mask, token));
        }

        return mask;
    }

    /// <summary>Allows the tokens that begin with what a part does.</summary>
    /// <returns>The trie's nodes at which the part may be over.</returns>
    private IEnumerable<int> AllowPart(Node part, ulong[] mask)
    {
        var most = _trie.Longest + 1;
        if (CountedPart.Split(part, _grammar.Table, most) is var (open, thing))
        {
            if (!_counted.TryGetValue(open, out var counted))
            {
                counted = CountedPart.Walk(open, thing, most, _grammar.Table, _trie, _words);
                _counted.Add(open, counted);
                _kept += counted?.Masks ?? 0;
            }

            if (counted is not null)
            {
                return counted.Allow(mask, thing);
            }
        }

        var (within, exits) = PartOf(Clamped(part));
        within.CopyTo(mask, 0);
        return exits;
    }

    /// <summary>The tokens that begin with what a part allows, and the trie's nodes at which the part may be over.</summary>
    private (ulong[] Mask, int[] Exits) PartOf(Node part)
    {
        if (!_parts.TryGetValue(part, out var found))
        {
            var (mask, exits) = (new ulong[_words], new List<int>());
            Walk(0, _trie.Nodes.Length, part, 0, mask, exits);
            found = (mask, [.. exits]);
            _parts.Add(part, found);
            _kept++;
        }

        return found;
    }

    private void Walk(int from, int to, Node state, int depth, ulong[] mask, List<int>? exits)
    {
        var (table, nodes) = (_grammar.Table, _trie.Nodes);
        _path[depth] = state;
        for (var i = from; i < to && table.Made < _mostMade;)
        {
            ref readonly var node = ref nodes[i];
            var before = _path[node.Depth - 1];
            var next = (before.Moves ?? table.MovesOf(before))[node.Value];
            if (next == table.Never)
            {
                i = node.End;
                continue;
            }

            foreach (var token in _trie.EndingAt(node))
            {
                Allow(mask, token);
            }

            if (next.IsNullable && node.End > i + 1)
            {
                exits?.Add(i);
            }

            _path[node.Depth] = next;
            i++;
        }
    }

    /// <summary>A part that no token can tell from this one: a token has no more characters than bytes.</summary>
    private Node Clamped(Node node)
    {
        if (node.Kind is not (NodeKind.Unit or NodeKind.Sequence or NodeKind.Repeat or NodeKind.State))
        {
            return node;
        }

        if (!_clamped.TryGetValue(node, out var clamped))
        {
            var table = _grammar.Table;
            clamped = node.Kind switch
            {
                NodeKind.Unit => table.Unit(Clamped(node.First!)),
                NodeKind.State => table.State(node.Automaton!, ClassesOf(node.Automaton!)[node.Max]),
                NodeKind.Sequence => table.Sequence(
                    node.First!.Kind is NodeKind.Repeat or NodeKind.State ? Clamped(node.First) : node.First, Clamped(node.Second!)),
                _ when node.First!.IsNullable => node,
                _ => table.Repeat(
                    node.First, Math.Min(node.Min, _trie.Longest + 1), node.Max > _trie.Longest + 1 ? Node.Unbounded : node.Max),
            };
            _clamped.Add(node, clamped);
        }

        return clamped;
    }

    private int[] ClassesOf(FiniteAutomaton automaton)
    {
        if (!_classes.TryGetValue(automaton, out var classes))
        {
            _classes.Add(automaton, classes = StateClasses.Of(automaton, _trie));
        }

        return classes;
    }

    internal static void Allow(ulong[] mask, int token) => mask[token >> 6] |= 1UL << (token & 63);
}
