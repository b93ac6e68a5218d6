using Rebound.Jinja.Syntax;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>
/// <c>{% for target in iterable if condition %} … {% else %} … {% endfor %}</c>. As in Jinja, what follows <c>else</c> is
/// rendered where no round came to its end: without elements, and where every round broke off or was cut short.
/// </summary>
internal sealed class For(int line) : Statement(line)
{
    public required Target Target { get; init; }

    public required Expression Iterable { get; init; }

    public required Expression? Condition { get; init; }

    public required Statement[] Body { get; init; }

    public required Statement[] Else { get; init; }

    public required Scope BodyScope { get; init; }

    public required Scope ElseScope { get; init; }

    /// <summary>Where the body finds its <c>loop</c>.</summary>
    public required int LoopPlace { get; init; }

    public required bool IsRecursive { get; init; }

    public override Flow Execute(RenderState state, Frame frame) =>
        Run(state, frame, Iterable.Evaluate(state, frame), depth0: 0);

    private Flow Run(RenderState state, Frame outer, object? iterable, int depth0)
    {
        StackGuard.Check();
        var frame = new Frame(BodyScope.Count, outer);
        var items = Filter(state, frame, Iteration.ToArray(iterable));
        state.ReserveElements(items.Length);
        var isWholeRound = false;
        var loop = new LoopValue(items, depth0, IsRecursive ? Recurse : null);
        for (var index = 0; index < items.Length; index++)
        {
            state.Step();
            state.Line = Line;
            frame.Clear();
            loop.Index0 = index;
            frame.Variables[LoopPlace] = loop;
            Target.Assign(state, frame, items[index]);
            var flow = ExecuteAll(Body, state, frame);
            isWholeRound |= flow == Flow.Next;
            if (flow == Flow.Break)
            {
                break;
            }
        }

        return isWholeRound ? Flow.Next : ExecuteAll(Else, state, new Frame(ElseScope.Count, outer));

        string Recurse(RenderState inner, object? children, int depth)
        {
            using var call = inner.EnterCall();
            using var capture = inner.BeginCapture();
            Run(inner, outer, children, depth);
            return capture.Text;
        }
    }

    private object?[] Filter(RenderState state, Frame frame, object?[] items)
    {
        if (Condition is null)
        {
            return items;
        }

        var kept = new List<object?>(items.Length);
        foreach (var item in items)
        {
            state.Step();
            Target.Assign(state, frame, item);
            if (PythonType.IsTrue(Condition.Evaluate(state, frame)))
            {
                kept.Add(item);
            }
        }

        return [.. kept];
    }
}
