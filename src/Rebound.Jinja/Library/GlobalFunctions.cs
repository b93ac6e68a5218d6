using System.Collections.Frozen;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>The functions every chat template can call: Jinja's, and those that transformers adds.</summary>
internal static class GlobalFunctions
{
    public static FrozenDictionary<string, Builtin> All { get; } = new Builtin[]
    {
        new("range", "start stop? step?", (state, _, arguments) => Range(state, arguments)),
        new("dict", "items? *", (_, _, arguments) => MakeDict(arguments)),
        new("namespace", "items? *", (_, _, arguments) => new NamespaceValue(MakeDict(arguments))),
        new("cycler", "*", (_, _, arguments) => arguments.Rest.Length == 0
            ? throw Fault.Evaluation("at least one item has to be provided")
            : new Cycler(arguments.Rest)),
        new("joiner", "sep?", (_, _, arguments) => new Joiner(arguments.Or(0, ", "))),
        new("raise_exception", "message", (_, _, arguments) =>
            throw new ChatTemplateException(ChatTemplateFault.Raised, PythonText.Of(arguments[0]))),
        new("strftime_now", "format", (state, _, arguments) =>
            TimeText.Format(arguments.Text(0), state.Clock.GetLocalNow())),
    }.ToFrozenDictionary(function => function.Name);

    private static RangeValue Range(RenderState state, Arguments arguments)
    {
        var (start, stop) = arguments.Has(1) ? (Whole(arguments[0]), Whole(arguments[1])) : (0, Whole(arguments[0]));
        var range = RangeValue.Between(start, stop, arguments.Has(2) ? Whole(arguments[2]) : 1);
        state.ReserveElements(range.Count);
        return range;
    }

    private static long Whole(object? value) => value switch
    {
        long number => number,
        Undefined undefined => throw undefined.Used(),
        _ => Numbers.ToCount(value),
    };

    /// <summary>A new dict of the pairs or mapping given first, then of the named arguments.</summary>
    private static DictValue MakeDict(Arguments arguments)
    {
        var dict = arguments.Or(0, null) switch
        {
            DictValue given => given.Copy(),
            null => new DictValue(),
            Undefined undefined => throw undefined.Used(),
            var pairs => FromPairs(pairs),
        };
        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    private static DictValue FromPairs(object? pairs)
    {
        var dict = new DictValue();
        foreach (var pair in Iteration.Over(pairs))
        {
            if (Iteration.ToArray(pair) is not [var key, var value])
            {
                throw Fault.Evaluation("dictionary update sequence elements must be pairs");
            }

            dict.Set(key, value);
        }

        return dict;
    }
}
