using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Filters that apply something to every element, on demand: map, select, reject and their attribute forms.</summary>
internal static class SelectionFilters
{
    public static Builtin[] All { get; } =
    [
        new("map", "*", Map),
        new("select", "*", (state, value, arguments) => Select(state, value, arguments, byAttribute: false, wanted: true)),
        new("reject", "*", (state, value, arguments) => Select(state, value, arguments, byAttribute: false, wanted: false)),
        new("selectattr", "*", (state, value, arguments) => Select(state, value, arguments, byAttribute: true, wanted: true)),
        new("rejectattr", "*", (state, value, arguments) => Select(state, value, arguments, byAttribute: true, wanted: false)),
    ];

    private static GeneratorValue Map(RenderState state, object? value, Arguments arguments) =>
        Lazily(state, value, items => items.Select(Mapping(state, arguments)));

    private static Func<object?, object?> Mapping(RenderState state, Arguments arguments)
    {
        var named = arguments.Named;
        if (arguments.Rest.Length == 0)
        {
            var path = named.FirstOrDefault(argument => argument.Key == "attribute");
            var fallback = named.FirstOrDefault(argument => argument.Key == "default").Value;
            if (path.Key is null)
            {
                throw Fault.Evaluation("map requires a filter argument");
            }

            return Array.Find(named, argument => argument.Key is not ("attribute" or "default")).Key is { } unknown
                ? throw Fault.Evaluation($"Unexpected keyword argument '{unknown}'")
                : AttributePath.Getter(path.Value, fallback);
        }

        var name = PythonText.Of(arguments.Rest[0]);
        var filter = Filters.All.GetValueOrDefault(name) ?? throw Fault.Evaluation($"No filter named '{name}'.");
        var passed = new CallArguments(arguments.Rest, named).Rest;
        return item => filter.Apply(state, item, passed);
    }

    private static GeneratorValue Select(RenderState state, object? value, Arguments arguments, bool byAttribute, bool wanted) =>
        Lazily(state, value, items => items.Where(Choice(state, arguments, byAttribute, wanted)));

    private static Func<object?, bool> Choice(RenderState state, Arguments arguments, bool byAttribute, bool wanted)
    {
        var call = new CallArguments(arguments.Rest, arguments.Named);
        Func<object?, object?> subject = static item => item;
        if (byAttribute)
        {
            if (call.Positional.Length == 0)
            {
                throw Fault.Evaluation("Missing parameter for attribute name");
            }

            subject = AttributePath.Getter(call.Positional[0]);
            call = call.Rest;
        }

        var holds = Condition(state, call);
        return item => holds(subject(item)) == wanted;
    }

    private static Func<object?, bool> Condition(RenderState state, CallArguments call)
    {
        if (call.Positional.Length == 0)
        {
            return PythonType.IsTrue;
        }

        var name = PythonText.Of(call.Positional[0]);
        var test = Tests.All.GetValueOrDefault(name) ?? throw Fault.Evaluation($"No test named '{name}'.");
        var passed = call.Rest;
        return item => PythonType.IsTrue(test.Apply(state, item, passed));
    }

    /// <summary>
    /// The elements that a step makes, each counted; a false value, such as None, gives none. As in Jinja the step, and with
    /// it whether its filter or test exists, is looked at when the first element is.
    /// </summary>
    private static GeneratorValue Lazily(
        RenderState state, object? value, Func<IEnumerable<object?>, IEnumerable<object?>> step)
    {
        return new GeneratorValue(Made());

        IEnumerable<object?> Made()
        {
            if (PythonType.IsTrue(value))
            {
                foreach (var item in step(Counted()))
                {
                    yield return item;
                }
            }
        }

        IEnumerable<object?> Counted()
        {
            foreach (var item in Iteration.Over(value))
            {
                state.Step();
                yield return item;
            }
        }
    }
}
