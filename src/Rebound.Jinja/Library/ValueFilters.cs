using System.Globalization;
using System.Numerics;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Filters of single values: defaults, conversions, numbers, JSON.</summary>
internal static class ValueFilters
{
    public static Builtin[] All { get; } =
    [
        new("default", "default_value? boolean?", (_, value, arguments) => Default(value, arguments)),
        new("d", "default_value? boolean?", (_, value, arguments) => Default(value, arguments)),
        new("string", "", (_, value, _) => value is Markup ? value : PythonText.Of(value)),
        new("int", "default? base?", (_, value, arguments) => ToInteger(value, arguments.Or(0, 0L), arguments.Count(1, 10))),
        new("float", "default?", (_, value, arguments) => ToReal(value, arguments.Or(0, 0.0))),
        new("abs", "", (_, value, _) => value switch
        {
            double number => Math.Abs(number),
            bool or long or BigInteger => Boxed.Of(BigInteger.Abs(Numbers.ToBig(value))),
            Undefined undefined => throw undefined.Used(),
            _ => throw Fault.Evaluation($"bad operand type for abs(): '{PythonType.NameOf(value)}'"),
        }),
        new("round", "precision? method?", (_, value, arguments) =>
            Round(value, arguments.Count(0, 0), arguments.Text(1, "common"))),
        new("filesizeformat", "binary?", (_, value, arguments) => FileSize(value, arguments.Truth(0, false))),
        new("tojson", "ensure_ascii? indent? separators? sort_keys?", JsonText.Write),
        new("attr", "name", (_, value, arguments) => Attribute(value, arguments.Text(0))),
    ];

    private static object? Default(object? value, Arguments arguments) =>
        value is Undefined || (arguments.Truth(1, false) && !PythonType.IsTrue(value)) ? arguments.Or(0, "") : value;

    /// <summary>An attribute proper, never a key.</summary>
    private static object? Attribute(object? value, string name) => value is DictValue && !Methods.IsDictMember(name)
        ? Undefined.Attribute(value, name)
        : Access.Attribute(value, name);

    private static object? ToInteger(object? value, object? fallback, int radix)
    {
        switch (value)
        {
            case bool or long or BigInteger:
                return Boxed.Of(Numbers.ToBig(value));
            case double number:
                return double.IsFinite(number)
                    ? Boxed.Of(new BigInteger(Math.Truncate(number)))
                    : double.IsNaN(number) ? fallback : throw Fault.Evaluation("cannot convert float infinity to integer");
            case string or Markup:
                return TextNumbers.TryInteger(PythonText.Of(value), radix, out var whole)
                    ? Boxed.Of(whole)
                    : TextNumbers.TryReal(PythonText.Of(value), out var real) && !double.IsNaN(real)
                        ? ToInteger(real, fallback, radix)
                        : fallback;
            case Undefined undefined:
                throw undefined.Used();
            default:
                return fallback;
        }
    }

    private static object? ToReal(object? value, object? fallback) => value switch
    {
        double or long or bool or BigInteger => Numbers.ToReal(value),
        string or Markup => TextNumbers.TryReal(PythonText.Of(value), out var number) ? number : fallback,
        Undefined undefined => throw undefined.Used(),
        _ => fallback,
    };

    private static object Round(object? value, int precision, string method)
    {
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw Fault.Evaluation("method must be common, ceil or floor");
        }

        if (!PythonType.IsNumber(value))
        {
            throw (value as Undefined)?.Used()
                ?? Fault.Evaluation($"type {PythonType.NameOf(value)} doesn't define __round__ method");
        }

        precision = Math.Clamp(precision, -400, 400);
        if (method == "common")
        {
            return value is double real ? RoundReal(real, precision) : RoundInteger(Numbers.ToBig(value!), precision);
        }

        var scale = Math.Pow(10, precision);
        var scaled = Numbers.ToReal(value!) * scale;
        if (!double.IsFinite(scaled))
        {
            throw Fault.Evaluation($"cannot convert float {(double.IsNaN(scaled) ? "NaN" : "infinity")} to integer");
        }

        // Python's ceil and floor give integers, which have no negative zero.
        return ((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) + 0.0) / scale;
    }

    private static double RoundReal(double number, int precision)
    {
        if (!double.IsFinite(number))
        {
            return number;
        }

        return precision >= 0
            ? double.Parse(PythonFloat.Fixed(number, precision), CultureInfo.InvariantCulture)
            : Math.Round(number / Math.Pow(10, -precision), MidpointRounding.ToEven) * Math.Pow(10, -precision);
    }

    private static object RoundInteger(BigInteger number, int precision)
    {
        if (precision >= 0)
        {
            return Boxed.Of(number);
        }

        var unit = BigInteger.Pow(10, -precision);
        var remainder = ((number % unit) + unit) % unit;
        var down = number - remainder;
        var twice = (remainder * 2).CompareTo(unit);
        var isUp = twice > 0 || (twice == 0 && !(down / unit).IsEven);
        return Boxed.Of(isUp ? down + unit : down);
    }

    private static string FileSize(object? value, bool isBinary)
    {
        var size = PythonType.IsText(value) && TextNumbers.TryReal(PythonText.Of(value), out var parsed)
            ? parsed
            : Numbers.ToReal(value ?? throw Fault.Evaluation("filesizeformat needs a number"));
        var step = isBinary ? 1024.0 : 1000.0;
        string[] prefixes = isBinary
            ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
            : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        if (size == 1)
        {
            return "1 Byte";
        }

        if (size < step)
        {
            return $"{Math.Truncate(size) + 0.0} Bytes";
        }

        var power = 1;
        while (power < prefixes.Length && size >= Math.Pow(step, power + 1))
        {
            power++;
        }

        return $"{PythonFloat.Fixed(size / Math.Pow(step, power), 1)} {prefixes[power - 1]}";
    }
}
