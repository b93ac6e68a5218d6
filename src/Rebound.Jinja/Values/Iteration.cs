using Rebound.Python;

namespace Rebound.Jinja.Values;

/// <summary>Python's iteration over values.</summary>
internal static class Iteration
{
    /// <summary>Whether <c>iter(value)</c> works.</summary>
    public static bool IsIterable(object? value) =>
        value is string or Markup or ISequence or DictValue or DictView or GeneratorValue or Undefined or LoopValue;

    /// <summary>The elements one after another; a generator's are used up.</summary>
    public static IEnumerable<object?> Over(object? value) => value switch
    {
        ListValue list => list.Items,
        TupleValue tuple => tuple.Items,
        GeneratorValue generator => generator.Drain(),
        _ => ToArray(value),
    };

    /// <summary>The elements at once. The array may be the value's own: do not write into it.</summary>
    public static object?[] ToArray(object? value) => value switch
    {
        ListValue list => list.Items,
        TupleValue tuple => tuple.Items,
        string text => PythonText.Characters(text),
        Markup markup => PythonText.Characters(markup.Text),
        DictValue dict => dict.Keys.ToArray(),
        DictView view => view.Kind switch
        {
            DictView.Part.Keys => view.Dict.Keys.ToArray(),
            DictView.Part.Values => view.Dict.Values.ToArray(),
            _ => [.. Enumerable.Range(0, view.Count).Select(object? (position) => view.Dict.Item(position))],
        },
        RangeValue range => [.. Enumerable.Range(0, range.Count).Select(index => range[index])],
        GeneratorValue generator => [.. generator.Drain()],
        Undefined => [],
        _ => throw Fault.NotIterable(value),
    };

    /// <summary><c>len(value)</c>.</summary>
    public static int Length(object? value) => value switch
    {
        string text => PythonString.Length(text),
        Markup markup => PythonString.Length(markup.Text),
        ISequence sequence => sequence.Count,
        DictValue dict => dict.Count,
        DictView view => view.Count,
        Undefined => 0,
        LoopValue loop => loop.Count,
        _ => throw Fault.Evaluation($"object of type '{PythonType.NameOf(value)}' has no len()"),
    };

    /// <summary>The elements in reverse, as <c>reversed(value)</c>; what cannot be reversed in place is listed first.</summary>
    public static object?[] Reversed(object? value)
    {
        var items = (object?[])ToArray(value).Clone();
        Array.Reverse(items);
        return items;
    }

    private static bool ContainsText(string text, string sought)
    {
        RenderState.Current?.SpendSearch(text.Length, sought.Length);
        return text.Contains(sought, StringComparison.Ordinal);
    }

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(object? container, object? item) => container switch
    {
        string or Markup => item switch
        {
            string or Markup => ContainsText(PythonText.Of(container), PythonText.Of(item)),
            _ => throw Fault.Evaluation($"'in <string>' requires string as left operand, not {PythonType.NameOf(item)}"),
        },
        DictValue dict => dict.TryGet(item, out _),
        DictView { Kind: DictView.Part.Keys } view => view.Dict.TryGet(item, out _),
        ISequence or DictView or GeneratorValue or Undefined =>
            Over(container).Any(element => PythonEquality.AreEqual(element, item)),
        _ => throw Fault.Evaluation($"argument of type '{PythonType.NameOf(container)}' is not iterable"),
    };
}

/// <summary>The lazy result of <c>map</c>, <c>select</c>, <c>reverse</c> and others, which can be read once.</summary>
internal sealed class GeneratorValue(IEnumerable<object?> source)
{
    private IEnumerator<object?>? _elements = source.GetEnumerator();

    public IEnumerable<object?> Drain()
    {
        while (_elements is not null && _elements.MoveNext())
        {
            yield return _elements.Current;
        }

        _elements?.Dispose();
        _elements = null;
    }
}
