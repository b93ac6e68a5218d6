using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Rebound.Grammar.Automata;

/// <summary>Where bytes lead.</summary>
internal sealed partial class NodeTable
{
    private const int StackBytes = 16 << 20;

    /// <summary>Where each byte leads from a node.</summary>
    /// <exception cref="InsufficientExecutionStackException">Parts that may be empty follow each other by the thousand.</exception>
    public Moves MovesOf(Node node)
    {
        if (node.Moves is { } known)
        {
            return known;
        }

        return RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? node.Moves = new Moves(Compute(node), Never)
            : OnAnotherStack(() => MovesOf(node));
    }

    /// <summary>Where a text leads; <see cref="Never"/> if it cannot come.</summary>
    public Node Follow(Node node, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            node = MovesOf(node)[value];
        }

        return node;
    }

    /// <summary>Fewest levels in which the rules come to an end; needed before a call of any of them has moves.</summary>
    public static void Measure(IReadOnlyCollection<Rule> rules)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            var heights = new Dictionary<Node, int>();
            foreach (var rule in rules)
            {
                var height = Math.Min(Rule.Endless, rule.Cost + Height(rule.Body!, heights));
                changed |= height < rule.Height;
                rule.Height = Math.Min(rule.Height, height);
            }
        }
    }

    /// <summary>A body with its calls at a level; those that cannot come to an end within the levels that are left are none.</summary>
    public Node Place(Node node, int level) => node.HasCalls ? Place(node, level, []) : node;

    private static int Height(Node node, Dictionary<Node, int> heights)
    {
        if (!node.HasCalls)
        {
            return 0;
        }

        if (!heights.TryGetValue(node, out var height))
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            height = node.Kind switch
            {
                NodeKind.Call => node.Rule!.Height + node.Min,
                NodeKind.Sequence => Math.Max(Height(node.First!, heights), Height(node.Second!, heights)),
                NodeKind.Choice => node.Options.Nodes.Min(option => Height(option, heights)),
                NodeKind.Repeat => node.Min == 0 ? 0 : Height(node.First!, heights),
                _ => throw new InvalidOperationException($"{node.Kind} calls a rule."),
            };
            heights.Add(node, height);
        }

        return height;
    }

    private Node Place(Node node, int level, Dictionary<Node, Node> placed)
    {
        if (!node.HasCalls)
        {
            return node;
        }

        if (!placed.TryGetValue(node, out var result))
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                return OnAnotherStack(() => Place(node, level, placed));
            }

            result = node.Kind switch
            {
                NodeKind.Call => level + node.Min + node.Rule!.Height > _maxLevel
                    ? Never
                    : Make(new Key(NodeKind.Call) { Rule = node.Rule, Max = level + node.Min }, nullable: false),
                NodeKind.Sequence => Sequence(Place(node.First!, level, placed), Place(node.Second!, level, placed)),
                NodeKind.Choice => Choice(node.Options.Nodes.Select(option => Place(option, level, placed))),
                _ => Repeat(Place(node.First!, level, placed), node.Min, node.Max),
            };
            placed.Add(node, result);
        }

        return result;
    }

    /// <summary>
    /// Goes on where the stack is too short. A form of that kind is refused while it is compiled; one in use may come to it by the order
    /// of a document's parts.
    /// </summary>
    private T OnAnotherStack<T>(Func<T> compute)
    {
        if (WorkLeft <= MostWork)
        {
            throw new InsufficientExecutionStackException();
        }

        T? result = default;
        ExceptionDispatchInfo? problem = null;
        var thread = new Thread(Run, StackBytes) { IsBackground = true };
        thread.Start();
        thread.Join();
        problem?.Throw();
        return result!;

        void Run()
        {
            try
            {
                result = compute();
            }
#pragma warning disable CA1031 // It is thrown where the work was asked for.
            catch (Exception e)
#pragma warning restore CA1031
            {
                problem = ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    private Node BodyAt(Rule rule, int level)
    {
        if (!rule.Levels.TryGetValue(level, out var body))
        {
            body = Place(rule.Body!, level + rule.Cost);
            rule.Levels[level] = body;
        }

        return body;
    }

    private IReadOnlyList<Move> Compute(Node node) => node.Kind switch
    {
        NodeKind.Never or NodeKind.Empty => [],
        NodeKind.Bytes => [new Move(node.Set, Empty)],
        NodeKind.Sequence => OfSequence(node),
        NodeKind.Choice => Union(node.Options.Nodes.SelectMany(option => MovesOf(option).List)),
        NodeKind.Repeat => Then(node.First!, Repeat(
            node.First!, Math.Max(0, node.Min - 1), node.Max == Node.Unbounded ? node.Max : node.Max - 1)),
        NodeKind.Unit => Map(node.First!, Unit),
        NodeKind.Call => MovesOf(BodyAt(node.Rule!, node.Max)).List,
        NodeKind.Complement => OfComplement(node),
        NodeKind.Common => OfCommon(node.Options.Nodes),
        _ => node.Automaton!.MovesOf(node.Max, this),
    };

    private List<Move> OfSequence(Node node)
    {
        var first = Then(node.First!, node.Second!);
        return node.First!.IsNullable ? Union(first.Concat(MovesOf(node.Second!).List)) : first;
    }

    private List<Move> OfComplement(Node node)
    {
        var moves = Map(node.First!, Complement);
        var rest = ~moves.Aggregate(ByteSet.None, (set, move) => set | move.Set);
        if (!rest.IsEmpty)
        {
            moves.Add(new Move(rest, Anything));
        }

        return Merge(moves);
    }

    private List<Move> OfCommon(Node[] nodes)
    {
        var (classes, first) = (new List<(ByteSet Set, List<Node> Targets)>(), true);
        foreach (var node in nodes)
        {
            var before = classes;
            classes = [];
            foreach (var move in MovesOf(node).List)
            {
                if (first)
                {
                    classes.Add((move.Set, [move.Target]));
                    continue;
                }

                foreach (var (set, targets) in before)
                {
                    if ((set & move.Set) is { IsEmpty: false } both)
                    {
                        classes.Add((both, [.. targets, move.Target]));
                    }
                }
            }

            first = false;
        }

        return Merge(classes.Select(entry => new Move(entry.Set, Common(entry.Targets))));
    }

    private List<Move> Then(Node node, Node rest) => Map(node, target => Sequence(target, rest));

    private List<Move> Map(Node node, Func<Node, Node> change) =>
        Merge(MovesOf(node).List.Select(move => new Move(move.Set, change(move.Target))));

    /// <summary>Disjoint moves of any: bytes that several take lead to a choice of their targets.</summary>
    private List<Move> Union(IEnumerable<Move> moves)
    {
        var classes = new List<(ByteSet Set, List<Node> Targets)>();
        foreach (var move in moves)
        {
            var rest = move.Set;
            WorkLeft -= classes.Count;
            if (WorkLeft < 0)
            {
                throw new GrammarException(null, "its patterns and choices take too long to take apart; say it with shorter ones.");
            }

            for (int i = 0, count = classes.Count; i < count && !rest.IsEmpty; i++)
            {
                var (set, targets) = classes[i];
                var both = set & rest;
                if (both.IsEmpty)
                {
                    continue;
                }

                if (both != set)
                {
                    classes.Add((set & ~both, [.. targets]));
                    classes[i] = (both, targets);
                }

                targets.Add(move.Target);
                rest &= ~both;
            }

            if (!rest.IsEmpty)
            {
                classes.Add((rest, [move.Target]));
            }
        }

        return Merge(classes.Select(entry => new Move(entry.Set, Choice(entry.Targets))));
    }

    /// <summary>One move for each target.</summary>
    private List<Move> Merge(IEnumerable<Move> moves)
    {
        var (merged, places) = (new List<Move>(), new Dictionary<Node, int>());
        foreach (var move in moves.Where(move => move.Target != Never))
        {
            if (places.TryGetValue(move.Target, out var place))
            {
                merged[place] = merged[place] with { Set = merged[place].Set | move.Set };
            }
            else
            {
                places.Add(move.Target, merged.Count);
                merged.Add(move);
            }
        }

        return merged;
    }
}
