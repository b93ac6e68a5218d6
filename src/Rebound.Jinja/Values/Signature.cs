namespace Rebound.Jinja.Values;

/// <summary>
/// The parameters of a built-in: names parted by spaces, the optional ones ending in <c>?</c>, and <c>*</c> at the end
/// where any further arguments are taken.
/// </summary>
internal sealed class Signature
{
    private readonly string _name;
    private readonly string[] _parameters;
    private readonly int _required;
    private readonly bool _open;

    public Signature(string name, string parameters)
    {
        var words = parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _name = name;
        _open = words is [.., "*"];
        _parameters = [.. words.Take(words.Length - (_open ? 1 : 0)).Select(word => word.TrimEnd('?'))];
        _required = words.Count(word => word is not "*" && !word.EndsWith('?'));
    }

    public Arguments Bind(CallArguments call)
    {
        if (call.Positional.Length == 0 && call.Named.Length == 0 && _required == 0)
        {
            return Arguments.None;
        }

        if (call.Positional.Length > _parameters.Length && !_open)
        {
            throw Fault.Evaluation($"{_name}() takes at most {_parameters.Length} argument(s) but {call.Positional.Length} were given");
        }

        var values = new object?[_parameters.Length];
        Array.Fill(values, Frame.Unassigned);
        var placed = Math.Min(values.Length, call.Positional.Length);
        Array.Copy(call.Positional, values, placed);
        var named = PlaceNamed(call.Named, values);
        for (var index = 0; index < _required; index++)
        {
            if (ReferenceEquals(values[index], Frame.Unassigned))
            {
                throw Fault.Evaluation($"{_name}() missing required argument: '{_parameters[index]}'");
            }
        }

        return new Arguments(_name, values, call.Positional[placed..], named);
    }

    private KeyValuePair<string, object?>[] PlaceNamed(KeyValuePair<string, object?>[] named, object?[] values)
    {
        if (named.Length == 0)
        {
            return [];
        }

        var left = new List<KeyValuePair<string, object?>>();
        foreach (var argument in named)
        {
            var index = Array.IndexOf(_parameters, argument.Key);
            if (index < 0 && !_open)
            {
                throw Fault.Evaluation($"{_name}() got an unexpected keyword argument '{argument.Key}'");
            }

            if (index < 0)
            {
                left.Add(argument);
            }
            else if (!ReferenceEquals(values[index], Frame.Unassigned))
            {
                throw Fault.Evaluation($"{_name}() got multiple values for argument '{argument.Key}'");
            }
            else
            {
                values[index] = argument.Value;
            }
        }

        return [.. left];
    }
}

/// <summary>The arguments of one call, in the order of the built-in's parameters.</summary>
internal sealed class Arguments(string name, object?[] values, object?[] rest, KeyValuePair<string, object?>[] named)
{
    public static readonly Arguments None = new("", [], [], []);

    /// <summary>Positional arguments beyond the parameters.</summary>
    public object?[] Rest { get; } = rest;

    /// <summary>Named arguments that are no parameters.</summary>
    public KeyValuePair<string, object?>[] Named { get; } = named;

    /// <summary>The argument at an index; None where it was left out.</summary>
    public object? this[int index] => Or(index, null);

    public bool Has(int index) => index < values.Length && !ReferenceEquals(values[index], Frame.Unassigned);

    public object? Or(int index, object? fallback) => Has(index) ? values[index] : fallback;

    public bool Truth(int index, bool fallback) => Has(index) ? PythonType.IsTrue(values[index]) : fallback;

    public int Count(int index, int fallback) => Has(index) ? Numbers.ToCount(values[index]) : fallback;

    public string Text(int index, string fallback) => Has(index) ? Text(index) : fallback;

    /// <summary>An argument that must be text.</summary>
    public string Text(int index) => this[index] switch
    {
        string text => text,
        Markup markup => markup.Text,
        var other => throw Fault.Evaluation($"{name}() argument {index + 1} must be str, not {PythonType.NameOf(other)}"),
    };
}
