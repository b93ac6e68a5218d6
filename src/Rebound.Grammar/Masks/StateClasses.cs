using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Masks;

/// <summary>
/// The states of a finite automaton that no token of a vocabulary tells apart, by Moore's refinement (Automata Studies, 1956), as many
/// rounds of it as a token has bytes: of a text of up to 60 characters all states but the last ones have one mask.
/// </summary>
internal static class StateClasses
{
    /// <summary>States times kinds of bytes times rounds, above which masks of single states are the cheaper ones.</summary>
    private const long MostWork = 4_000_000;

    /// <summary>The first of the states that go on like each state does.</summary>
    /// <returns>[states]; each state itself where the automaton is too large to tell.</returns>
    public static int[] Of(FiniteAutomaton automaton, TokenTrie trie)
    {
        var states = Enumerable.Range(0, automaton.States).ToArray();
        var kinds = ByteKinds(states.SelectMany(state => automaton.Moves(state)).Select(move => move.Set).Distinct());
        var rounds = LongestWithin(automaton, trie);
        if ((long)states.Length * kinds.Length * rounds > MostWork)
        {
            return states;
        }

        var targets = Array.ConvertAll(states, state => Array.ConvertAll(kinds, kind => TargetOf(automaton.Moves(state), kind)));
        var classes = Array.ConvertAll(states, state => automaton.Accepts(state) ? 1 : 0);
        var count = 0;
        for (var round = 0; round < rounds; round++)
        {
            var rows = Array.ConvertAll(
                states, state => (int[])[classes[state], .. targets[state].Select(target => target < 0 ? -1 : classes[target])]);
            var found = new Dictionary<int[], int>(new RowComparer());
            classes = Array.ConvertAll(rows, row => found.TryAdd(row, found.Count) ? found.Count - 1 : found[row]);
            if (found.Count == count)
            {
                break;
            }

            count = found.Count;
        }

        var first = new Dictionary<int, int>();
        return Array.ConvertAll(states, state => first.TryAdd(classes[state], state) ? state : first[classes[state]]);
    }

    /// <returns>-1 where the byte cannot come.</returns>
    private static int TargetOf((ByteSet Set, int Target)[] moves, int value) =>
        Array.FindIndex(moves, move => move.Set.Contains(value)) is >= 0 and var place ? moves[place].Target : -1;

    /// <summary>Bytes of the longest beginning of a token that is of the automaton's bytes; at least 1.</summary>
    private static int LongestWithin(FiniteAutomaton automaton, TokenTrie trie)
    {
        var bytes = Enumerable.Range(0, automaton.States).SelectMany(state => automaton.Moves(state))
            .Aggregate(ByteSet.None, (set, move) => set | move.Set);
        var longest = 1;
        for (var i = 0; i < trie.Nodes.Length;)
        {
            ref readonly var node = ref trie.Nodes[i];
            var isWithin = bytes.Contains(node.Value);
            longest = isWithin ? Math.Max(longest, node.Depth) : longest;
            i = isWithin ? i + 1 : node.End;
        }

        return longest;
    }

    /// <summary>A byte of each kind that sets do not tell apart.</summary>
    private static int[] ByteKinds(IEnumerable<ByteSet> sets)
    {
        var kinds = new List<ByteSet> { ByteSet.All };
        foreach (var set in sets)
        {
            kinds = [.. kinds.SelectMany(kind => new[] { kind & set, kind & ~set }).Where(kind => !kind.IsEmpty)];
        }

        return [.. kinds.Select(kind => Enumerable.Range(0, 256).First(value => kind.Contains(value)))];
    }

    private sealed class RowComparer : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] row)
        {
            var hash = default(HashCode);
            foreach (var value in row)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
