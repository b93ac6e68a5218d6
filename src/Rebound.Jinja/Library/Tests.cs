using System.Collections.Frozen;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Jinja's tests, the names after <c>is</c>.</summary>
internal static class Tests
{
    public static FrozenDictionary<string, Builtin> All { get; } = new[]
    {
        Of("defined", value => value is not Undefined),
        Of("undefined", value => value is Undefined),
        Of("none", value => value is null),
        Of("boolean", value => value is bool),
        Of("true", value => value is true),
        Of("false", value => value is false),
        Of("integer", value => PythonType.IsInteger(value) && value is not bool),
        Of("float", value => value is double),
        Of("number", PythonType.IsNumber),
        Of("string", PythonType.IsText),
        Of("mapping", value => value is DictValue),
        Of("iterable", Iteration.IsIterable),
        Of("sequence", value => value is string or Markup or ISequence or DictValue or Undefined),
        Of("callable", value => value is ICallable or Undefined),
        Of("escaped", value => value is Markup),
        Of("even", value => IsDivisible(value, 2L)),
        Of("odd", value => IsDivisible(value, 2L, remaining: 1)),
        Of("lower", value => CaseMapping.IsLower(PythonText.Of(value))),
        Of("upper", value => CaseMapping.IsUpper(PythonText.Of(value))),
        Of("filter", value => value is string name && Filters.All.ContainsKey(name)),
        Of("test", value => value is string name && IsTest(name)),
        With("divisibleby", "num", (value, number) => IsDivisible(value, number)),
        With("sameas", "other", AreSame),
        With("in", "seq", (value, sequence) => Iteration.Contains(sequence, value)),
        With("==", "other", PythonEquality.AreEqual),
        With("eq", "other", PythonEquality.AreEqual),
        With("equalto", "other", PythonEquality.AreEqual),
        With("!=", "other", (value, other) => !PythonEquality.AreEqual(value, other)),
        With("ne", "other", (value, other) => !PythonEquality.AreEqual(value, other)),
        Ordering("<", "<"),
        Ordering("lt", "<"),
        Ordering("lessthan", "<"),
        Ordering("<=", "<="),
        Ordering("le", "<="),
        Ordering(">", ">"),
        Ordering("gt", ">"),
        Ordering("greaterthan", ">"),
        Ordering(">=", ">="),
        Ordering("ge", ">="),
    }.ToFrozenDictionary(test => test.Name);

    private static Builtin Of(string name, Func<object?, bool> holds) =>
        new(name, "", (_, value, _) => Boxed.Of(holds(value)));

    private static Builtin With(string name, string parameter, Func<object?, object?, bool> holds) =>
        new(name, parameter, (_, value, arguments) => Boxed.Of(holds(value, arguments[0])));

    private static Builtin Ordering(string name, string symbol) =>
        With(name, "other", (value, other) => PythonOrder.Holds(value, other, symbol));

    private static bool IsTest(string name) => All.ContainsKey(name);

    private static bool IsDivisible(object? value, object? number, long remaining = 0)
    {
        if (PythonType.IsText(value))
        {
            throw Fault.Evaluation("not all arguments converted during string formatting");
        }

        return PythonEquality.AreEqual(Arithmetic.Remainder(value, number), remaining);
    }

    /// <summary>Python's <c>is</c>: values without identity are the same when equal and of one type.</summary>
    private static bool AreSame(object? value, object? other) => value is bool or long or string
        ? other is not null && value.GetType() == other.GetType() && PythonEquality.AreEqual(value, other)
        : ReferenceEquals(value, other);
}
