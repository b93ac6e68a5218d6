using Rebound.Jinja.Syntax;

namespace Rebound.Jinja.Nodes;

/// <summary>
/// A body whose text goes through filters instead of to the output; they find it at <paramref name="textPlace"/>.
/// </summary>
internal sealed class TextBlock(Statement[] body, Scope scope, int textPlace, Expression filtered)
{
    public object? Evaluate(RenderState state, Frame frame, out Flow flow)
    {
        var inner = new Frame(scope.Count, frame);
        using (var capture = state.BeginCapture())
        {
            flow = Statement.ExecuteAll(body, state, inner);
            inner.Variables[textPlace] = capture.Text;
        }

        return filtered.Evaluate(state, inner);
    }
}

/// <summary>The text of the block around, as the first filter's input.</summary>
internal sealed class BlockText(int place) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame) => frame.Variables[place];
}

/// <summary><c>{% set name %} … {% endset %}</c>.</summary>
internal sealed class SetBlock(Target target, TextBlock block, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        var value = block.Evaluate(state, frame, out var flow);
        if (flow == Flow.Next)
        {
            target.Assign(state, frame, value);
        }

        return flow;
    }
}

/// <summary><c>{% filter name %} … {% endfilter %}</c>.</summary>
internal sealed class FilterBlock(TextBlock block, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        var value = block.Evaluate(state, frame, out var flow);
        if (flow == Flow.Next)
        {
            state.Write(Values.PythonText.Of(value));
        }

        return flow;
    }
}
