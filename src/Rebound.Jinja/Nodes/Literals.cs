using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>A constant.</summary>
internal sealed class Literal(object? value) : Expression
{
    public object? Value { get; } = value;

    public override object? Evaluate(RenderState state, Frame frame) => Value;
}

/// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
internal sealed class SequenceLiteral(Expression[] items, bool isTuple) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        var values = new object?[items.Length];
        for (var index = 0; index < items.Length; index++)
        {
            values[index] = items[index].Evaluate(state, frame);
        }

        return isTuple ? new TupleValue(values) : new ListValue(values);
    }
}

/// <summary><c>{key: value}</c>.</summary>
internal sealed class DictLiteral((Expression Key, Expression Value)[] items) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        var dict = new DictValue(items.Length);
        foreach (var (key, value) in items)
        {
            dict.Set(key.Evaluate(state, frame), value.Evaluate(state, frame));
        }

        return dict;
    }
}
