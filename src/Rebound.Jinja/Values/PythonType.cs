using System.Numerics;

namespace Rebound.Jinja.Values;

/// <summary>
/// The value model: <see langword="null"/> is None; <see cref="bool"/>, <see cref="long"/>, <see cref="BigInteger"/> (only
/// beyond 64 bits), <see cref="double"/> and <see cref="string"/> are Python's; the rest are the classes of this folder.
/// </summary>
internal static class PythonType
{
    /// <summary>The name Python gives the value's type, as its error messages use it.</summary>
    public static string NameOf(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "Markup",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        DictView view => view.TypeName,
        RangeValue => "range",
        GeneratorValue => "generator",
        Undefined => "Undefined",
        NamespaceValue => "Namespace",
        MacroValue => "Macro",
        LoopValue => "LoopContext",
        Cycler => "Cycler",
        Joiner => "Joiner",
        BoundMethod => "builtin_function_or_method",
        Builtin => "function",
        _ => value.GetType().Name,
    };

    /// <summary>How Jinja names a value in "has no attribute": by its type, or None by itself.</summary>
    public static string Describe(object? value) => value is null ? "None" : $"{NameOf(value)} object";

    public static bool IsInteger(object? value) => value is bool or long or BigInteger;

    public static bool IsNumber(object? value) => value is bool or long or BigInteger or double;

    public static bool IsText(object? value) => value is string or Markup;

    /// <summary>Python's truth of a value: empty text and containers, zero, None and undefined are false.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        BigInteger number => !number.IsZero,
        Markup markup => markup.Text.Length > 0,
        Undefined => false,
        ISequence sequence => sequence.Count > 0,
        DictValue dict => dict.Count > 0,
        DictView view => view.Count > 0,
        _ => true,
    };
}
