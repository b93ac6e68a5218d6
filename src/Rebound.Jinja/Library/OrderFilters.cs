using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Filters that compare elements: sorting, grouping, uniqueness, extremes.</summary>
internal static class OrderFilters
{
    public static Builtin[] All { get; } =
    [
        new("sort", "reverse? case_sensitive? attribute?", (state, value, arguments) => Sort(state, value, arguments)),
        new("dictsort", "case_sensitive? by? reverse?", (state, value, arguments) => SortDict(state, value, arguments)),
        new("unique", "case_sensitive? attribute?", (state, value, arguments) =>
            new GeneratorValue(Unique(state, value, AttributePath.SortKey(arguments[1], arguments.Truth(0, false))))),
        new("groupby", "attribute default? case_sensitive?", (state, value, arguments) => Group(state, value, arguments)),
        new("min", "case_sensitive? attribute?", (state, value, arguments) => Extreme(state, value, arguments, isLeast: true)),
        new("max", "case_sensitive? attribute?", (state, value, arguments) => Extreme(state, value, arguments, isLeast: false)),
    ];

    private static ListValue Sort(RenderState state, object? value, Arguments arguments)
    {
        var items = Counted(state, value);
        var isCaseSensitive = arguments.Truth(1, false);
        object?[] paths = PythonType.IsText(arguments[2]) ? AttributePath.Split(PythonText.Of(arguments[2]), ',') : [arguments[2]];
        var keys = paths.Select(path => AttributePath.SortKey(path, isCaseSensitive)).ToArray();

        // A list even for one key, as in Jinja: lists of equal elements are equal, so that elements without an order, such as
        // None, may stand beside their like.
        return new ListValue(Sorting.Stable(items, Key, arguments.Truth(0, false)));

        object Key(object? item)
        {
            state.ReserveElements(keys.Length);
            return new ListValue([.. keys.Select(key => key(item))]);
        }
    }

    private static ListValue SortDict(RenderState state, object? value, Arguments arguments)
    {
        var dict = value as DictValue
            ?? throw Fault.Evaluation($"'{PythonType.NameOf(value)}' object has no attribute 'items'");
        var part = arguments.Text(1, "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw Fault.Evaluation("You can only sort by either \"key\" or \"value\""),
        };
        var isCaseSensitive = arguments.Truth(0, false);
        return new ListValue(Sorting.Stable(
            Counted(state, new DictView(dict, DictView.Part.Items)),
            item => AttributePath.Comparable(((TupleValue)item!)[part], isCaseSensitive),
            arguments.Truth(2, false)));
    }

    private static IEnumerable<object?> Unique(RenderState state, object? value, Func<object?, object?> key)
    {
        var seen = new DictValue();
        foreach (var item in Iteration.Over(value))
        {
            state.Step();
            var itemKey = key(item);
            if (!seen.TryGet(itemKey, out _))
            {
                seen.Set(itemKey, null);
                yield return item;
            }
        }
    }

    /// <summary>Groups of the elements in the order of what they are grouped by, each under its first spelling.</summary>
    private static ListValue Group(RenderState state, object? value, Arguments arguments)
    {
        var isCaseSensitive = arguments.Truth(2, false);
        var getter = AttributePath.Getter(arguments[0], arguments[1]);
        var sorted = Sorting.Stable(
            Counted(state, value), item => AttributePath.Comparable(getter(item), isCaseSensitive), isReversed: false);
        var groups = new List<object?>();
        for (var start = 0; start < sorted.Length;)
        {
            var key = AttributePath.Comparable(getter(sorted[start]), isCaseSensitive);
            var end = start + 1;
            while (end < sorted.Length
                && PythonEquality.AreEqual(key, AttributePath.Comparable(getter(sorted[end]), isCaseSensitive)))
            {
                end++;
            }

            groups.Add(new GroupValue(getter(sorted[start]), new ListValue(sorted[start..end])));
            start = end;
        }

        return new ListValue([.. groups]);
    }

    private static object? Extreme(RenderState state, object? value, Arguments arguments, bool isLeast)
    {
        var key = AttributePath.SortKey(arguments[1], arguments.Truth(0, false));
        object? best = null;
        object? bestKey = null;
        var isFirst = true;
        foreach (var item in Counted(state, value))
        {
            var itemKey = key(item);
            if (isFirst || PythonOrder.Holds(itemKey, bestKey, isLeast ? "<" : ">"))
            {
                (best, bestKey, isFirst) = (item, itemKey, false);
            }
        }

        return isFirst ? new Undefined("No aggregated item, sequence was empty.") : best;
    }

    private static object?[] Counted(RenderState state, object? value)
    {
        var items = Iteration.ToArray(value);
        state.ReserveElements(items.Length);
        return items;
    }
}
