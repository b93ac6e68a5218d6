using System.Collections.Frozen;
using System.Numerics;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>
/// The methods that values have. Those that would change a list or dict exist in name only: the sandbox gives an undefined
/// value for them, and calling it fails.
/// </summary>
internal static class Methods
{
    private static readonly FrozenDictionary<string, Builtin> OfDicts = Table(
        new("get", "key default?", (_, self, arguments) =>
            ((DictValue)self!).TryGet(arguments[0], out var value) ? value : arguments[1]),
        new("keys", "", (_, self, _) => new DictView((DictValue)self!, DictView.Part.Keys)),
        new("values", "", (_, self, _) => new DictView((DictValue)self!, DictView.Part.Values)),
        new("items", "", (_, self, _) => new DictView((DictValue)self!, DictView.Part.Items)),
        new("copy", "", (_, self, _) => ((DictValue)self!).Copy()),
        new("fromkeys", "iterable value?", (_, _, arguments) =>
        {
            var dict = new DictValue();
            foreach (var key in Iteration.Over(arguments[0]))
            {
                dict.Set(key, arguments[1]);
            }

            return dict;
        }));

    private static readonly FrozenSet<string> ForbiddenOfDicts =
        FrozenSet.Create("clear", "pop", "popitem", "setdefault", "update");

    private static readonly FrozenDictionary<string, Builtin> OfSequences = Table(
        new("count", "value", (state, self, arguments) =>
        {
            state.SpendText(Iteration.Length(self));
            return Boxed.Of((long)Iteration.ToArray(self).Count(item => PythonEquality.AreEqual(item, arguments[0])));
        }),
        new("index", "value start? stop?", (state, self, arguments) => IndexOf(state, self, arguments)));

    private static readonly FrozenDictionary<string, Builtin> OfLists = Table(
        [.. OfSequences.Values, new("copy", "", (_, self, _) => new ListValue(((ListValue)self!).Items))]);

    private static readonly FrozenSet<string> ForbiddenOfLists =
        FrozenSet.Create("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

    private static readonly FrozenDictionary<string, Builtin> OfIntegers = Table(
        new("bit_length", "", (_, self, _) => Boxed.Of((long)BigInteger.Abs(Numbers.ToBig(self!)).GetBitLength())),
        new("is_integer", "", (_, _, _) => Boxed.True),
        new("conjugate", "", (_, self, _) => self));

    private static readonly FrozenDictionary<string, Builtin> OfReals = Table(
        new("is_integer", "", (_, self, _) => Boxed.Of(double.IsInteger((double)self!))),
        new("conjugate", "", (_, self, _) => self));

    private static readonly FrozenDictionary<string, Builtin> OfLoops = Table(
        new("cycle", "*", (_, self, arguments) => ((LoopValue)self!).Cycle(arguments.Rest)),
        new("changed", "*", (_, self, arguments) => Boxed.Of(((LoopValue)self!).Changed(arguments.Rest))));

    private static readonly FrozenDictionary<string, Builtin> OfCyclers = Table(
        new("next", "", (_, self, _) => ((Cycler)self!).Next()),
        new("reset", "", (_, self, _) =>
        {
            ((Cycler)self!).Reset();
            return null;
        }));

    public static Builtin? Find(object? owner, string name) => TableOf(owner)?.GetValueOrDefault(name);

    /// <summary>Whether the name is a method that would change the value.</summary>
    public static bool IsForbidden(object? owner, string name) => owner switch
    {
        DictValue => ForbiddenOfDicts.Contains(name),
        ListValue => ForbiddenOfLists.Contains(name),
        _ => false,
    };

    /// <summary>Whether a dict's attribute of that name is a method, whatever keys it has.</summary>
    public static bool IsDictMember(string name) => OfDicts.ContainsKey(name) || ForbiddenOfDicts.Contains(name)
        || (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal));

    private static FrozenDictionary<string, Builtin>? TableOf(object? owner) => owner switch
    {
        DictValue => OfDicts,
        string => StringMethods.All,
        Markup => MarkupMethods.All,
        ListValue => OfLists,
        TupleValue or RangeValue => OfSequences,
        bool or long or BigInteger => OfIntegers,
        double => OfReals,
        LoopValue => OfLoops,
        Cycler => OfCyclers,
        _ => null,
    };

    private static FrozenDictionary<string, Builtin> Table(params Builtin[] methods) =>
        methods.ToFrozenDictionary(method => method.Name);

    private static object IndexOf(RenderState state, object? self, Arguments arguments)
    {
        var items = Iteration.ToArray(self);
        state.SpendText(items.Length);
        var range = Slice.Resolve(arguments[1], arguments[2], null, items.Length);
        var index = Array.FindIndex(items, range.First, range.Count, item => PythonEquality.AreEqual(item, arguments[0]));
        return index >= 0 ? Boxed.Of((long)index) : throw Fault.Evaluation($"{Repr.Of(arguments[0])} is not in list");
    }
}
