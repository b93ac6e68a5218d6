using System.Runtime.CompilerServices;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// Which calls cost a level. A call at the end of a body leaves nothing on the stack, so that a rule that recurs there goes on without
/// bound; of every other ring of calls one costs a level.
/// </summary>
internal sealed class CallLevels
{
    private readonly NodeTable _table;
    private readonly Dictionary<Rule, int> _places;
    private readonly int[] _rings;
    private readonly int[] _left;

    private CallLevels(IReadOnlyList<Rule> rules, NodeTable table)
    {
        _table = table;
        _places = rules.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var (calls, last) = (new List<int>[rules.Count], new List<int>[rules.Count]);
        for (var i = 0; i < rules.Count; i++)
        {
            (calls[i], last[i]) = ([], []);
            Collect(rules[i].Body!, isLast: true, calls[i], last[i]);
        }

        // Rules that call each other at their ends are one.
        _rings = CallGraph.Components(last);
        var joined = new SortedSet<int>[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            joined[i] = [];
        }

        for (var i = 0; i < rules.Count; i++)
        {
            joined[_rings[i]].UnionWith(
                calls[i].Concat(last[i].Where(target => _rings[target] != _rings[i])).Select(target => _rings[target]));
        }

        _left = CallGraph.Left([.. joined.Select(targets => targets.ToList())], _rings[0]);
    }

    /// <summary>Sets them in the bodies of some rules, of which the first is called first.</summary>
    public static void Set(IReadOnlyList<Rule> rules, NodeTable table)
    {
        if (rules.Count > 0)
        {
            var levels = new CallLevels(rules, table);
            foreach (var rule in rules)
            {
                rule.Body = levels.Of(rule.Body!, isLast: true, levels._places[rule]);
            }
        }
    }

    private void Collect(Node node, bool isLast, List<int> calls, List<int> last)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node.Kind)
        {
            case NodeKind.Call:
                (isLast ? last : calls).Add(_places[node.Rule!]);
                break;
            case NodeKind.Choice:
                Array.ForEach(node.Options.Nodes, option => Collect(option, isLast, calls, last));
                break;
            case NodeKind.Sequence:
                Collect(node.First!, isLast: false, calls, last);
                Collect(node.Second!, isLast, calls, last);
                break;
            case NodeKind.Repeat:
                Collect(node.First!, isLast: false, calls, last);
                break;
        }
    }

    private Node Of(Node node, bool isLast, int caller)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return node.Kind switch
        {
            _ when !node.HasCalls => node,
            NodeKind.Call => _table.Call(node.Rule!, Cost(caller, _places[node.Rule!], isLast)),
            NodeKind.Choice => _table.Choice(node.Options.Nodes.Select(option => Of(option, isLast, caller))),
            NodeKind.Sequence => _table.Sequence(Of(node.First!, isLast: false, caller), Of(node.Second!, isLast, caller)),
            _ => _table.Repeat(Of(node.First!, isLast: false, caller), node.Min, node.Max),
        };
    }

    private int Cost(int caller, int called, bool isLast) =>
        isLast && _rings[caller] == _rings[called] ? 0 : _left[_rings[called]] >= _left[_rings[caller]] ? 1 : 0;
}
