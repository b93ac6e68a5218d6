using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

internal delegate object? BinaryOperation(RenderState state, object? left, object? right);

/// <summary>An arithmetic operator other than <c>+</c>.</summary>
internal sealed class Binary(Expression left, Expression right, BinaryOperation operation) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        return operation(state, left.Evaluate(state, frame), right.Evaluate(state, frame));
    }
}

/// <summary><c>a + b + c</c>, as one node so that a row of texts is joined once.</summary>
internal sealed class Sum(Expression[] terms) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        var texts = new string[terms.Length];
        var length = 0L;
        for (var index = 0; index < terms.Length; index++)
        {
            var term = terms[index].Evaluate(state, frame);
            if (term is not string text)
            {
                return AddFrom(index, term, texts, state, frame);
            }

            texts[index] = text;
            length += text.Length;
        }

        state.ReserveText(length);
        return string.Concat(texts);
    }

    private object? AddFrom(int index, object? term, string[] texts, RenderState state, Frame frame)
    {
        var sum = index == 0 ? term : Arithmetic.Add(state, string.Concat(texts.AsSpan(0, index)), term);
        for (var next = index + 1; next < terms.Length; next++)
        {
            sum = Arithmetic.Add(state, sum, terms[next].Evaluate(state, frame));
        }

        return sum;
    }
}

/// <summary><c>a ~ b</c>: the texts of values, joined.</summary>
internal sealed class Concatenation(Expression[] parts) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        var texts = new string[parts.Length];
        var length = 0L;
        for (var index = 0; index < parts.Length; index++)
        {
            texts[index] = PythonText.Of(parts[index].Evaluate(state, frame));
            length += texts[index].Length;
        }

        state.ReserveText(length);
        return string.Concat(texts);
    }
}

/// <summary><c>-a</c>, <c>+a</c> or <c>not a</c>.</summary>
internal sealed class Unary(Expression operand, Func<object?, object?> operation) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame) => operation(operand.Evaluate(state, frame));
}

/// <summary><c>a and b</c> or <c>a or b</c>: the value that decides.</summary>
internal sealed class Logical(Expression[] operands, bool isOr) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        object? value = null;
        foreach (var operand in operands)
        {
            value = operand.Evaluate(state, frame);
            if (PythonType.IsTrue(value) == isOr)
            {
                return value;
            }
        }

        return value;
    }
}

/// <summary><c>a &lt; b &lt;= c</c>: every neighbouring pair must hold, each operand evaluated once.</summary>
internal sealed class Comparison(Expression first, (string Symbol, Expression Operand)[] links) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        var left = first.Evaluate(state, frame);
        foreach (var (symbol, operand) in links)
        {
            var right = operand.Evaluate(state, frame);
            if (!Holds(state, left, symbol, right))
            {
                return Boxed.False;
            }

            left = right;
        }

        return Boxed.True;
    }

    private static bool Holds(RenderState state, object? left, string symbol, object? right)
    {
        switch (symbol)
        {
            case "==":
                return PythonEquality.AreEqual(left, right);
            case "!=":
                return !PythonEquality.AreEqual(left, right);
            case "in":
            case "not in":
                state.SpendText(right is string text ? text.Length : right is ISequence sequence ? sequence.Count : 0);
                return Iteration.Contains(right, left) == (symbol == "in");
            default:
                return PythonOrder.Holds(left, right, symbol);
        }
    }
}

/// <summary><c>a if condition else b</c>; without <c>else</c>, undefined.</summary>
internal sealed class Conditional(Expression condition, Expression whenTrue, Expression? whenFalse) : Expression
{
    private static readonly Undefined NoElse =
        new("the inline if-expression evaluated to false and no else section was defined.");

    public override object? Evaluate(RenderState state, Frame frame) => PythonType.IsTrue(condition.Evaluate(state, frame))
        ? whenTrue.Evaluate(state, frame)
        : whenFalse is null ? NoElse : whenFalse.Evaluate(state, frame);
}
