using Rebound.Jinja.Library;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary><c>owner.name</c>.</summary>
internal sealed class AttributeLookup(Expression owner, string name) : Expression
{
    private readonly bool _isDictMember = Methods.IsDictMember(name);

    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        var value = owner.Evaluate(state, frame);
        return !_isDictMember && value is DictValue dict && dict.TryGet(name, out var found)
            ? found
            : Access.Attribute(value, name);
    }
}

/// <summary><c>owner[key]</c>.</summary>
internal sealed class ElementLookup(Expression owner, Expression key) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        return Access.Element(owner.Evaluate(state, frame), key.Evaluate(state, frame));
    }
}

/// <summary><c>owner[start:stop:step]</c>.</summary>
internal sealed class SliceLookup(Expression owner, Expression? start, Expression? stop, Expression? step) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        return Access.Cut(
            state,
            owner.Evaluate(state, frame),
            start?.Evaluate(state, frame),
            stop?.Evaluate(state, frame),
            step?.Evaluate(state, frame));
    }
}
