using System.Runtime.CompilerServices;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// The states that parts without recursion take. Each that a vocabulary's tokens come to is made when a mask is, so that a part of very
/// many would hold up whoever shares the model with it.
/// </summary>
/// <param name="most">Of one part; of all together ten times as many.</param>
internal sealed class PartStates(NodeTable table, int most)
{
    private const int TogetherTimes = 10;

    /// <summary>Longer repetitions are as good as this: masks do not tell them apart.</summary>
    private const int MostTimes = 20;

    private readonly HashSet<Node> _checked = [];
    private long _together;

    /// <summary>Whether the parts that stand in a body take no more states than they may.</summary>
    public bool AreFew(Node body)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return !_checked.Add(body) || (body.HasCalls
            ? body.Kind switch
            {
                NodeKind.Choice => Array.TrueForAll(body.Options.Nodes, AreFew),
                NodeKind.Sequence => AreFew(body.First!) && AreFew(body.Second!),
                NodeKind.Repeat => AreFew(body.First!),
                _ => true,
            }
            : IsSmall(Shortened(body)));
    }

    private bool IsSmall(Node part)
    {
        try
        {
            return Explore(part);
        }
        catch (GrammarException)
        {
            // Its states take too long to be made.
            return false;
        }
    }

    private bool Explore(Node part)
    {
        var (seen, pending) = (new HashSet<Node> { part }, new Stack<Node>([part]));
        while (pending.TryPop(out var state))
        {
            foreach (var move in table.MovesOf(state).List.Where(move => seen.Add(move.Target)))
            {
                pending.Push(move.Target);
            }

            if (seen.Count > most || _together + seen.Count > (long)TogetherTimes * most)
            {
                return false;
            }
        }

        _together += seen.Count;
        return true;
    }

    private Node Shortened(Node node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return node.Kind switch
        {
            NodeKind.Unit => table.Unit(Shortened(node.First!)),
            NodeKind.Sequence => table.Sequence(Shortened(node.First!), Shortened(node.Second!)),
            NodeKind.Choice => table.Choice(node.Options.Nodes.Select(Shortened)),
            NodeKind.Repeat => table.Repeat(
                Shortened(node.First!), Math.Min(node.Min, MostTimes),
                node.Max == Node.Unbounded ? node.Max : Math.Min(node.Max, MostTimes)),
            _ => node,
        };
    }
}
