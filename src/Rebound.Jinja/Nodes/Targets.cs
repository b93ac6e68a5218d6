using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>The target of an assignment or a loop.</summary>
internal abstract class Target
{
    /// <summary>The names of the variables among what is written to.</summary>
    public abstract IEnumerable<string> Names { get; }

    public abstract void Assign(RenderState state, Frame frame, object? value);
}

/// <summary>A variable of the innermost scope.</summary>
internal sealed class VariableTarget(string name, int place) : Target
{
    public override IEnumerable<string> Names => [name];

    public override void Assign(RenderState state, Frame frame, object? value) => frame.Variables[place] = value;
}

/// <summary><c>a, b</c>: takes a sequence apart.</summary>
internal sealed class TupleTarget(Target[] parts) : Target
{
    public override IEnumerable<string> Names => parts.SelectMany(part => part.Names);

    public override void Assign(RenderState state, Frame frame, object? value)
    {
        if (!Iteration.IsIterable(value))
        {
            throw Fault.Evaluation($"cannot unpack non-iterable {PythonType.NameOf(value)} object");
        }

        var items = Iteration.ToArray(value);
        if (items.Length != parts.Length)
        {
            throw Fault.Evaluation(items.Length > parts.Length
                ? $"too many values to unpack (expected {parts.Length})"
                : $"not enough values to unpack (expected {parts.Length}, got {items.Length})");
        }

        for (var index = 0; index < parts.Length; index++)
        {
            parts[index].Assign(state, frame, items[index]);
        }
    }
}

/// <summary><c>space.name</c> of a namespace.</summary>
internal sealed class NamespaceTarget(Expression space, string name) : Target
{
    public override IEnumerable<string> Names => [];

    public override void Assign(RenderState state, Frame frame, object? value)
    {
        if (space.Evaluate(state, frame) is not NamespaceValue owner)
        {
            throw Fault.Evaluation("cannot assign attribute on non-namespace object");
        }

        owner.Attributes.Set(name, value);
    }
}
