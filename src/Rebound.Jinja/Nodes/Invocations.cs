using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>The arguments written in a call, evaluated anew for each call.</summary>
internal sealed class ArgumentList(
    Expression[] positional, (string Name, Expression Value)[] named, Expression? morePositional, Expression? moreNamed)
{
    public static readonly ArgumentList Empty = new([], [], null, null);

    public CallArguments Evaluate(RenderState state, Frame frame)
    {
        if (ReferenceEquals(this, Empty))
        {
            return CallArguments.None;
        }

        var positions = new object?[positional.Length];
        for (var index = 0; index < positional.Length; index++)
        {
            positions[index] = positional[index].Evaluate(state, frame);
        }

        if (morePositional is not null)
        {
            positions = [.. positions, .. Iteration.ToArray(morePositional.Evaluate(state, frame))];
        }

        return new CallArguments(positions, EvaluateNamed(state, frame));
    }

    private KeyValuePair<string, object?>[] EvaluateNamed(RenderState state, Frame frame)
    {
        if (named.Length == 0 && moreNamed is null)
        {
            return [];
        }

        var names = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in named)
        {
            names.Add(KeyValuePair.Create(name, value.Evaluate(state, frame)));
        }

        if (moreNamed?.Evaluate(state, frame) is { } more)
        {
            var dict = more as DictValue ?? throw Fault.Evaluation("argument after ** must be a mapping");
            for (var position = 0; position < dict.Count; position++)
            {
                names.Add(KeyValuePair.Create(PythonText.Of(dict.Keys[position]), dict.Values[position]));
            }
        }

        return [.. names];
    }
}

/// <summary><c>function(arguments)</c>.</summary>
internal sealed class Invocation(Expression function, ArgumentList arguments) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame) => Evaluate(state, frame, caller: null);

    /// <summary>Calls with a <c>caller</c>, as a call block does.</summary>
    public object? Evaluate(RenderState state, Frame frame, MacroValue? caller)
    {
        StackGuard.Check();
        state.Step();
        var callee = function.Evaluate(state, frame);
        if (callee is not ICallable callable)
        {
            throw callee is Undefined undefined
                ? undefined.Used()
                : Fault.Evaluation($"'{PythonType.NameOf(callee)}' object is not callable");
        }

        var passed = arguments.Evaluate(state, frame);
        if (caller is not null)
        {
            passed = passed with { Named = [.. passed.Named, KeyValuePair.Create<string, object?>("caller", caller)] };
        }

        return callable.Call(state, passed);
    }
}

/// <summary><c>value | filter(arguments)</c>; in a filter block <paramref name="value"/> is the block's text.</summary>
internal sealed class FilterApplication(Builtin filter, Expression value, ArgumentList arguments) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        state.Step();
        var input = value.Evaluate(state, frame);
        return filter.Apply(state, input, arguments.Evaluate(state, frame));
    }
}

/// <summary><c>value is test(arguments)</c>, or <c>is not</c>.</summary>
internal sealed class TestApplication(Builtin test, Expression value, ArgumentList arguments, bool negated) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame)
    {
        StackGuard.Check();
        var input = value.Evaluate(state, frame);
        return Boxed.Of(PythonType.IsTrue(test.Apply(state, input, arguments.Evaluate(state, frame))) != negated);
    }
}

/// <summary>A filter or test that does not exist, in a branch that may never run: an error only if it does.</summary>
internal sealed class Unknown(string description) : Expression
{
    public override object? Evaluate(RenderState state, Frame frame) => throw Fault.Evaluation(description);
}
