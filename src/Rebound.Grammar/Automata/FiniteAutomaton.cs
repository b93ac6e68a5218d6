namespace Rebound.Grammar.Automata;

/// <summary>A regular language as states, of which every one leads to an end.</summary>
internal sealed class FiniteAutomaton
{
    /// <summary>Nodes that may be made on the way, so that states of many parts do not take long.</summary>
    private const int MostMade = 1_000_000;

    private readonly bool[] _accepts;
    private readonly (ByteSet Set, int Target)[][] _moves;

    private FiniteAutomaton(bool[] accepts, (ByteSet Set, int Target)[][] moves) => (_accepts, _moves) = (accepts, moves);

    /// <summary>The same language as a state of an automaton, or never if it has no text.</summary>
    /// <param name="language">One without calls.</param>
    /// <param name="place">Of the schema, for the message.</param>
    /// <exception cref="GrammarException">It takes more than <paramref name="mostStates"/> states.</exception>
    public static Node Of(Node language, NodeTable table, string place, int mostStates)
    {
        var (numbers, states, leftOut, made) = (new Dictionary<Node, int>(), new List<Node>(), table.LeftOut, table.Made);
        var moves = new List<(ByteSet Set, int Target)[]>();
        Number(language);
        for (var i = 0; i < states.Count; i++)
        {
            moves.Add([.. table.MovesOf(states[i]).List.Select(move => (move.Set, Number(move.Target)))]);
            if (states.Count > mostStates || table.LeftOut > leftOut || table.Made > made + MostMade)
            {
                throw new GrammarException(
                    place, $"the text takes more than {mostStates} states; shorten its lengths or repetitions, or leave the pattern out.");
            }
        }

        return Of([.. states.Select(state => state.IsNullable)], moves, table);

        int Number(Node node)
        {
            if (!numbers.TryGetValue(node, out var number))
            {
                number = states.Count;
                numbers.Add(node, number);
                states.Add(node);
            }

            return number;
        }
    }

    /// <summary>An automaton's first state, or never if it has no text.</summary>
    /// <param name="moves">Of disjoint sets, for each state.</param>
    public static Node Of(bool[] accepts, IReadOnlyList<(ByteSet Set, int Target)[]> moves, NodeTable table)
    {
        var alive = Alive(accepts, moves);
        return alive[0]
            ? table.State(new FiniteAutomaton(accepts, [.. moves.Select(list => Array.FindAll(list, move => alive[move.Target]))]), 0)
            : table.Never;
    }

    public int States => _accepts.Length;

    /// <summary>Where bytes lead from a state, by disjoint sets.</summary>
    public (ByteSet Set, int Target)[] Moves(int state) => _moves[state];

    public bool Accepts(int state) => _accepts[state];

    /// <summary>Whether a text ends here and cannot go on.</summary>
    public bool EndsIn(int state) => _accepts[state] && _moves[state].Length == 0;

    public IReadOnlyList<Move> MovesOf(int state, NodeTable table) =>
        [.. _moves[state].Select(move => new Move(move.Set, table.State(this, move.Target)))];

    private static bool[] Alive(bool[] accepts, IReadOnlyList<(ByteSet Set, int Target)[]> moves)
    {
        var sources = Enumerable.Range(0, moves.Count).SelectMany(state => moves[state].Select(move => (move.Target, state)))
            .ToLookup(pair => pair.Target, pair => pair.state);
        var alive = (bool[])accepts.Clone();
        var pending = new Stack<int>(Enumerable.Range(0, alive.Length).Where(state => alive[state]));
        while (pending.TryPop(out var state))
        {
            foreach (var source in sources[state].Where(source => !alive[source]))
            {
                alive[source] = true;
                pending.Push(source);
            }
        }

        return alive;
    }
}
