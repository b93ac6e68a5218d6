using System.Runtime.CompilerServices;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// Rules that begin with themselves, made anew: <c>a ::= a x | y</c> becomes <c>a ::= y rest</c>, <c>rest ::= (x rest)?</c>; and so for
/// rules that begin with each other, a rest for each two of them (the left-corner transform of Rosenkrantz and Lewis, 1970). With that, a
/// rule comes to a byte before it comes to itself.
/// </summary>
internal sealed class LeftRecursion(NodeTable table, int mostRules)
{
    private readonly List<Rule> _all = [];
    private readonly Dictionary<Node, Rule> _parts = [];

    /// <summary>Changes the bodies of some rules, and adds others.</summary>
    /// <returns>All.</returns>
    /// <exception cref="GrammarException">There are too many of them.</exception>
    public IReadOnlyList<Rule> Without(IReadOnlyList<Rule> rules)
    {
        _all.AddRange(rules);
        var places = rules.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var edges = rules.Select(rule => Beginnings(rule.Body!).Distinct().Select(called => places[called]).ToList()).ToArray();
        var components = CallGraph.Components(edges);
        foreach (var group in Enumerable.Range(0, edges.Length).GroupBy(place => components[place]).Select(group => group.ToList()))
        {
            if (group.Count > 1 || edges[group[0]].Contains(group[0]))
            {
                Transform([.. group.Select(place => rules[place])]);
            }
        }

        return _all;
    }

    private void Transform(Rule[] group)
    {
        if (_all.Count + (group.Length * (long)group.Length) > mostRules)
        {
            throw GrammarException.OfGrammar(
                $"the rule '{group[0].Place}' and {group.Length - 1} others begin with each other, which comes to more than {mostRules} "
                    + "rules; let fewer of them do so.");
        }

        var numbers = group.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var parted = group.Select(rule => Part(rule.Body!, numbers)).ToArray();
        var alone = Reached(group.Length, (from, to) => parted[to].Rests[from].IsNullable);
        var reached = Reached(group.Length, (from, to) => parted[to].Rests[from] != table.Never);
        var tails = new Dictionary<(int From, int To), Rule>();
        for (var from = 0; from < group.Length; from++)
        {
            for (var to = 0; to < group.Length; to++)
            {
                if (reached[from, to])
                {
                    tails.Add((from, to), new Rule(group[to].Place) { Cost = 0 });
                }
            }
        }

        _all.AddRange(tails.Values);
        Node[] begun = [.. parted.Select(part => NonEmpty(part.Others))];
        for (var from = 0; from < group.Length; from++)
        {
            Node[] next = [.. parted.Select(part => table.Choice(
                part.Rests.Where((_, start) => alone[from, start]).Select(NonEmpty)))];
            for (var to = 0; to < group.Length; to++)
            {
                if (tails.TryGetValue((from, to), out var tail))
                {
                    tail.Body = Bodies(next, to);
                }
            }
        }

        for (var to = 0; to < group.Length; to++)
        {
            group[to].Body = Bodies(begun, to);
        }

        Node Bodies(Node[] firsts, int to) => table.Choice(firsts.Select((first, from) => !tails.TryGetValue((from, to), out var tail)
            ? table.Never
            : table.Sequence(first, alone[from, to] ? table.Optional(table.Call(tail)) : table.Call(tail))));
    }

    /// <summary>The rests of a body behind each rule of a group that it begins with, and what of it begins with none.</summary>
    private (Node[] Rests, Node Others) Part(Node node, Dictionary<Rule, int> group)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var rests = new Node[group.Count];
        Array.Fill(rests, table.Never);
        switch (node.Kind)
        {
            case NodeKind.Call when group.TryGetValue(node.Rule!, out var number):
                rests[number] = table.Empty;
                return (rests, table.Never);
            case NodeKind.Choice when node.HasCalls:
                var options = node.Options.Nodes.Select(option => Part(option, group)).ToList();
                return ([.. rests.Select((_, i) => table.Choice(options.Select(option => option.Rests[i])))],
                    table.Choice(options.Select(option => option.Others)));
            case NodeKind.Sequence when node.HasCalls:
                return Join(Part(node.First!, group), node.Second!, node.First!.IsNullable ? Part(node.Second!, group) : null);
            case NodeKind.Repeat when node.HasCalls:
                var rest = table.Repeat(node.First!, Math.Max(0, node.Min - 1), node.Max == Node.Unbounded ? node.Max : node.Max - 1);
                return Join(Part(node.First!, group), rest, node.IsNullable ? (rests, table.Empty) : null);
            default:
                return (rests, node);
        }
    }

    /// <param name="without">Of the second alone, where the first may be empty.</param>
    private (Node[] Rests, Node Others) Join((Node[] Rests, Node Others) first, Node second, (Node[] Rests, Node Others)? without)
    {
        var rests = first.Rests.Select(rest => table.Sequence(rest, second));
        return without is not { } alone
            ? ([.. rests], table.Sequence(first.Others, second))
            : ([.. rests.Zip(alone.Rests, (a, b) => table.Choice(a, b))],
                table.Choice(table.Sequence(NonEmpty(first.Others), second), alone.Others));
    }

    /// <summary>The same texts without the empty one.</summary>
    private Node NonEmpty(Node node)
    {
        if (!node.IsNullable || node == table.Empty)
        {
            return node == table.Empty ? table.Never : node;
        }

        if (node.Kind == NodeKind.Choice)
        {
            return table.Choice(node.Options.Nodes.Select(NonEmpty));
        }

        if (!_parts.TryGetValue(node, out var rule))
        {
            rule = new Rule("") { Cost = 0, Body = node };
            _parts.Add(node, rule);
            _all.Add(rule);
        }

        return table.Call(rule);
    }

    /// <summary>Which lead to which by any number of steps, also by none.</summary>
    private static bool[,] Reached(int count, Func<int, int, bool> leads)
    {
        var reached = new bool[count, count];
        for (var from = 0; from < count; from++)
        {
            var open = new Stack<int>([from]);
            reached[from, from] = true;
            while (open.TryPop(out var place))
            {
                for (var to = 0; to < count; to++)
                {
                    if (!reached[from, to] && leads(place, to))
                    {
                        reached[from, to] = true;
                        open.Push(to);
                    }
                }
            }
        }

        return reached;
    }

    private static IEnumerable<Rule> Beginnings(Node node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return node.Kind switch
        {
            NodeKind.Call => [node.Rule!],
            NodeKind.Choice => node.Options.Nodes.SelectMany(Beginnings),
            NodeKind.Repeat => Beginnings(node.First!),
            NodeKind.Sequence when node.First!.IsNullable => Beginnings(node.First!).Concat(Beginnings(node.Second!)),
            NodeKind.Sequence => Beginnings(node.First!),
            _ => [],
        };
    }
}
