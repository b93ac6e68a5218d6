using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>Text outside tags.</summary>
internal sealed class Data(string text, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        state.Write(text);
        return Flow.Next;
    }
}

/// <summary><c>{{ expression }}</c>.</summary>
internal sealed class Print(Expression expression, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        state.Write(PythonText.Of(expression.Evaluate(state, frame)));
        return Flow.Next;
    }
}

/// <summary><c>{% print a, b %}</c>.</summary>
internal sealed class PrintAll(Expression[] expressions, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        foreach (var expression in expressions)
        {
            state.Write(PythonText.Of(expression.Evaluate(state, frame)));
        }

        return Flow.Next;
    }
}

/// <summary><c>{% if %} … {% elif %} … {% else %}</c>; the last branch's condition is null for <c>else</c>.</summary>
internal sealed class If((Expression? Condition, Statement[] Body, int Line)[] branches, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        foreach (var (condition, body, branchLine) in branches)
        {
            state.Line = branchLine;
            if (condition is null || PythonType.IsTrue(condition.Evaluate(state, frame)))
            {
                return ExecuteAll(body, state, frame);
            }
        }

        return Flow.Next;
    }
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class Set(Target target, Expression value, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        target.Assign(state, frame, value.Evaluate(state, frame));
        return Flow.Next;
    }
}

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
internal sealed class Jump(Flow flow, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame) => flow;
}

/// <summary><c>{% with name = value %} … {% endwith %}</c>: the values see the surroundings, the body sees the names.</summary>
internal sealed class With((Target Target, Expression Value)[] assignments, Statement[] body, Syntax.Scope scope, int line)
    : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        var inner = new Frame(scope.Count, frame);
        foreach (var (target, value) in assignments)
        {
            target.Assign(state, inner, value.Evaluate(state, frame));
        }

        return ExecuteAll(body, state, inner);
    }
}
