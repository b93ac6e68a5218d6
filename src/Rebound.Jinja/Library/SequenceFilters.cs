using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Filters of whole sequences: their size, ends, sum, order reversed, text joined, parts.</summary>
internal static class SequenceFilters
{
    public static Builtin[] All { get; } =
    [
        new("length", "", (_, value, _) => Boxed.Of((long)Iteration.Length(value))),
        new("count", "", (_, value, _) => Boxed.Of((long)Iteration.Length(value))),
        new("first", "", (_, value, _) => First(value)),
        new("last", "", (_, value, _) => Last(value)),
        new("list", "", (state, value, _) => ToList(state, value)),
        new("join", "d? attribute?", Join),
        new("reverse", "", Reverse),
        new("sum", "attribute? start?", Sum),
        new("items", "", (_, value, _) => Items(value)),
        new("batch", "linecount fill_with?", (state, value, arguments) =>
            new GeneratorValue(Batch(state, value, arguments.Count(0, 1), arguments[1]))),
        new("slice", "slices fill_with?", (state, value, arguments) =>
            new GeneratorValue(Slices(state, value, arguments.Count(0, 1), arguments[1]))),
    ];

    private static object? First(object? value)
    {
        if (!Iteration.IsIterable(value))
        {
            throw Fault.NotIterable(value);
        }

        foreach (var item in value is GeneratorValue ? Iteration.Over(value) : Iteration.ToArray(value))
        {
            return item;
        }

        return new Undefined("No first item, sequence was empty.");
    }

    private static object? Last(object? value)
    {
        if (value is GeneratorValue)
        {
            throw Fault.Evaluation("'generator' object is not reversible");
        }

        var items = Iteration.ToArray(value);
        return items.Length > 0 ? items[^1] : new Undefined("No last item, sequence was empty.");
    }

    private static ListValue ToList(RenderState state, object? value)
    {
        var items = Iteration.ToArray(value);
        state.ReserveElements(items.Length);
        return new ListValue(items);
    }

    private static string Join(RenderState state, object? value, Arguments arguments)
    {
        var items = Iteration.Over(value);
        if (arguments[1] is not null)
        {
            items = items.Select(AttributePath.Getter(arguments[1]));
        }

        return TextPadding.Join(state, PythonText.Of(arguments.Or(0, "")), TextPadding.Texts(state, items, PythonText.Of));
    }

    private static object Reverse(RenderState state, object? value, Arguments arguments)
    {
        if (value is string or Markup)
        {
            var text = PythonText.Of(value);
            state.SpendText(text.Length);
            var reversed = PythonText.Cut(text, Slice.Resolve(null, null, -1L, PythonString.Length(text)));
            return value is Markup ? new Markup(reversed) : reversed;
        }

        if (!Iteration.IsIterable(value))
        {
            throw Fault.Evaluation("argument must be iterable");
        }

        var items = (object?[])Iteration.ToArray(value).Clone();
        state.ReserveElements(items.Length);
        Array.Reverse(items);
        return new GeneratorValue(items);
    }

    private static object? Sum(RenderState state, object? value, Arguments arguments)
    {
        var getter = arguments[0] is null ? null : AttributePath.Getter(arguments[0]);
        var sum = new PythonSum(state, arguments.Or(1, 0L));
        foreach (var item in Iteration.Over(value))
        {
            state.Step();
            sum.Add(getter is null ? item : getter(item));
        }

        return sum.Value;
    }

    private static GeneratorValue Items(object? value) => value switch
    {
        Undefined => new GeneratorValue([]),
        DictValue dict => new GeneratorValue(Iteration.ToArray(new DictView(dict, DictView.Part.Items))),
        _ => throw Fault.Evaluation("Can only get item pairs from a mapping."),
    };

    private static IEnumerable<object?> Batch(RenderState state, object? value, int size, object? fill)
    {
        var batch = new List<object?>();
        foreach (var item in Iteration.Over(value))
        {
            if (batch.Count == size)
            {
                yield return Filled(state, batch, 0, fill);
                batch.Clear();
            }

            batch.Add(item);
        }

        if (batch.Count > 0)
        {
            yield return Filled(state, batch, fill is null ? 0 : size - batch.Count, fill);
        }
    }

    private static IEnumerable<object?> Slices(RenderState state, object? value, int count, object? fill)
    {
        var items = Iteration.ToArray(value);
        if (count == 0)
        {
            throw Fault.Evaluation("integer division or modulo by zero");
        }

        state.ReserveElements(count);
        var (each, larger) = (items.Length / count, items.Length % count);
        var start = 0;
        for (var index = 0; index < count; index++)
        {
            state.Step();
            var size = each + (index < larger ? 1 : 0);
            yield return Filled(state, items[start..(start + size)], fill is not null && index >= larger ? 1 : 0, fill);
            start += size;
        }
    }

    private static ListValue Filled(RenderState state, IReadOnlyCollection<object?> items, int missing, object? fill)
    {
        state.ReserveElements(items.Count + (long)missing);
        state.Step();
        return new ListValue([.. items, .. Enumerable.Repeat(fill, Math.Max(0, missing))]);
    }
}
