using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Values;

/// <summary>A macro, with the scope it was defined in.</summary>
internal sealed class MacroValue(MacroDefinition definition, Frame surroundings) : ICallable
{
    private const string CallerName = "caller";

    public string Name => definition.Name;

    public object? Call(RenderState state, CallArguments arguments)
    {
        using var call = state.EnterCall();
        var frame = new Frame(definition.Scope.Count, surroundings);
        PassArguments(frame, arguments);
        foreach (var parameter in definition.Parameters)
        {
            if (ReferenceEquals(frame.Variables[parameter.Place], Frame.Unassigned))
            {
                frame.Variables[parameter.Place] = parameter.Default is null
                    ? new Undefined($"parameter '{parameter.Name}' was not provided")
                    : parameter.Default.Evaluate(state, frame);
            }
        }

        using var capture = state.BeginCapture();
        Statement.ExecuteAll(definition.Body, state, frame);
        return capture.Text;
    }

    public bool TryMember(string name, out object? member)
    {
        member = name switch
        {
            "name" => Name,
            "arguments" => new TupleValue([.. definition.Parameters.Select(parameter => parameter.Name)]),
            "caller" => Boxed.Of(definition.CallerPlace is not null),
            "catch_kwargs" => Boxed.Of(definition.MoreNamedPlace is not null),
            "catch_varargs" => Boxed.Of(definition.MorePositionalPlace is not null),
            _ => Frame.Unassigned,
        };
        return !ReferenceEquals(member, Frame.Unassigned);
    }

    private void PassArguments(Frame frame, CallArguments arguments)
    {
        var parameters = definition.Parameters;
        var placed = Math.Min(parameters.Length, arguments.Positional.Length);
        for (var index = 0; index < placed; index++)
        {
            frame.Variables[parameters[index].Place] = arguments.Positional[index];
        }

        var left = new DictValue();
        foreach (var (name, value) in arguments.Named)
        {
            var index = Array.FindIndex(parameters, placed, parameter => parameter.Name == name);
            if (index >= 0)
            {
                frame.Variables[parameters[index].Place] = value;
            }
            else if (name == CallerName && definition.CallerPlace is { } callerPlace)
            {
                frame.Variables[callerPlace] = value;
            }
            else
            {
                left.Set(name, value);
            }
        }

        PassMissingCaller(frame);
        PassFurther(frame, arguments.Positional[placed..], left);
    }

    private void PassMissingCaller(Frame frame)
    {
        if (definition.CallerPlace is { } place
            && ReferenceEquals(frame.Variables[place], Frame.Unassigned)
            && !Array.Exists(definition.Parameters, parameter => parameter.Name == CallerName))
        {
            frame.Variables[place] = new Undefined("No caller defined");
        }
    }

    private void PassFurther(Frame frame, object?[] positional, DictValue named)
    {
        if (definition.MoreNamedPlace is { } namedPlace)
        {
            frame.Variables[namedPlace] = named;
        }
        else if (named.Count > 0)
        {
            throw Fault.Evaluation($"macro '{Name}' takes no keyword argument '{PythonText.Of(named.Keys[0])}'");
        }

        if (definition.MorePositionalPlace is { } positionalPlace)
        {
            frame.Variables[positionalPlace] = new TupleValue(positional);
        }
        else if (positional.Length > 0)
        {
            throw Fault.Evaluation($"macro '{Name}' takes not more than {definition.Parameters.Length} argument(s)");
        }
    }
}
