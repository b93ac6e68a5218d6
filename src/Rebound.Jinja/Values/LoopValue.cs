namespace Rebound.Jinja.Values;

/// <summary>The variable <c>loop</c> inside a <c>for</c>; calling it renders a recursive loop's body for inner elements.</summary>
internal sealed class LoopValue(object?[] items, int depth0, Func<RenderState, object?, int, string>? recurse) : ICallable
{
    private object?[]? _lastChecked;

    public int Index0 { get; set; }

    public int Count => items.Length;

    public object? Call(RenderState state, CallArguments arguments)
    {
        if (recurse is null)
        {
            throw Fault.Evaluation("The loop must have the 'recursive' marker to be called recursively.");
        }

        return arguments is { Positional: [var inner], Named: [] }
            ? recurse(state, inner, depth0 + 1)
            : throw Fault.Evaluation("loop() takes exactly one argument, what to loop over");
    }

    public bool TryMember(string name, out object? member)
    {
        member = name switch
        {
            "index" => Boxed.Of(Index0 + 1L),
            "index0" => Boxed.Of((long)Index0),
            "revindex" => Boxed.Of((long)Count - Index0),
            "revindex0" => Boxed.Of(Count - Index0 - 1L),
            "first" => Boxed.Of(Index0 == 0),
            "last" => Boxed.Of(Index0 == Count - 1),
            "length" => Boxed.Of((long)Count),
            "depth" => Boxed.Of(depth0 + 1L),
            "depth0" => Boxed.Of((long)depth0),
            "previtem" => Index0 > 0 ? items[Index0 - 1] : new Undefined("there is no previous item"),
            "nextitem" => Index0 < Count - 1 ? items[Index0 + 1] : new Undefined("there is no next item"),
            _ => Frame.Unassigned,
        };
        return !ReferenceEquals(member, Frame.Unassigned);
    }

    /// <summary><c>loop.cycle(a, b, …)</c>.</summary>
    public object? Cycle(object?[] values) => values.Length == 0
        ? throw Fault.Evaluation("no items for cycling given")
        : values[Index0 % values.Length];

    /// <summary><c>loop.changed(values)</c>: whether they differ from the last call's.</summary>
    public bool Changed(object?[] values)
    {
        var changed = _lastChecked is null
            || !PythonEquality.AreEqual(new TupleValue(_lastChecked), new TupleValue(values));
        _lastChecked = values;
        return changed;
    }
}
