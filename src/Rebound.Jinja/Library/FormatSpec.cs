using System.Globalization;
using System.Numerics;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>
/// Python's format specification, <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>, which both
/// <c>str.format</c> and the <c>%</c> operator come down to.
/// </summary>
internal sealed record FormatSpec
{
    private const int Widest = 1 << 20;

    public string Fill { get; init; } = " ";

    /// <summary><c>&lt; &gt; ^ =</c>, or a space for the type's own.</summary>
    public char Align { get; init; } = ' ';

    public char Sign { get; init; } = '-';

    public bool IsAlternate { get; init; }

    public int Width { get; init; }

    public char Grouping { get; init; }

    public int? Precision { get; init; }

    public char Type { get; init; }

    public static FormatSpec Parse(string text)
    {
        var spec = new FormatSpec();
        var position = 0;
        if (text.Length > 1 && IsAlign(text[1]))
        {
            (spec, position) = (spec with { Fill = text[..1], Align = text[1] }, 2);
        }
        else if (text.Length > 0 && IsAlign(text[0]))
        {
            (spec, position) = (spec with { Align = text[0] }, 1);
        }

        if (position < text.Length && text[position] is '+' or '-' or ' ')
        {
            spec = spec with { Sign = text[position++] };
        }

        if (position < text.Length && text[position] == '#')
        {
            (spec, position) = (spec with { IsAlternate = true }, position + 1);
        }

        if (position < text.Length && text[position] == '0')
        {
            spec = spec.Align == ' ' ? spec with { Fill = "0", Align = '=' } : spec;
            position++;
        }

        spec = spec with { Width = ReadNumber(text, ref position) ?? 0 };
        if (position < text.Length && text[position] is ',' or '_')
        {
            spec = spec with { Grouping = text[position++] };
        }

        if (position < text.Length && text[position] == '.')
        {
            position++;
            spec = spec with { Precision = ReadNumber(text, ref position) ?? throw Fault.Evaluation("Format specifier missing precision") };
        }

        spec = position < text.Length ? spec with { Type = text[position++] } : spec;
        return position == text.Length ? spec : throw Fault.Evaluation($"Invalid format specifier '{text}'");
    }

    public string Format(object? value) => value switch
    {
        double number => FormatReal(number),
        bool or long or BigInteger => FormatInteger(Numbers.ToBig(value)),
        _ => FormatText(PythonText.Of(value)),
    };

    public string FormatText(string text)
    {
        if (Type is not ('\0' or 's'))
        {
            throw Fault.Evaluation($"Unknown format code '{Type}' for object of type 'str'");
        }

        if (Precision is { } longest && longest < PythonString.Length(text))
        {
            text = text[..PythonString.UnitOffset(text, longest)];
        }

        return Pad("", text, Align == ' ' ? '<' : Align);
    }

    public string FormatInteger(BigInteger number)
    {
        if (Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
        {
            return FormatReal(Numbers.ToReal(Boxed.Of(number)));
        }

        var size = BigInteger.Abs(number);
        var (prefix, digits) = Type switch
        {
            '\0' or 'd' or 'n' => ("", size.ToString(CultureInfo.InvariantCulture)),
            'x' => ("0x", Digits(size, 16)),
            'X' => ("0X", Digits(size, 16).ToUpperInvariant()),
            'o' => ("0o", Digits(size, 8)),
            'b' => ("0b", Digits(size, 2)),
            'c' when size <= 0x10ffff => ("", char.ConvertFromUtf32((int)size)),
            _ => throw Fault.Evaluation($"Unknown format code '{Type}' for object of type 'int'"),
        };
        digits = Group(digits, Type is 'x' or 'X' or 'o' or 'b' ? 4 : 3);
        return Pad(SignOf(number.Sign < 0) + (IsAlternate ? prefix : ""), digits, Align == ' ' ? '>' : Align);
    }

    public string FormatReal(double number)
    {
        var size = Math.Abs(number);
        var digits = double.IsFinite(number) ? RealDigits(size) : PythonFloat.Of(size);
        digits = char.IsUpper(Type) ? digits.ToUpperInvariant() : digits;
        return Pad(SignOf(double.IsNegative(number)), Group(digits, 3), Align == ' ' ? '>' : Align);
    }

    private static int? ReadNumber(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        if (start == position)
        {
            return null;
        }

        return int.TryParse(text.AsSpan(start, position - start), CultureInfo.InvariantCulture, out var number) && number <= Widest
            ? number
            : throw Fault.Limit($"a format's width or precision is beyond the limit of {Widest}");
    }

    private static bool IsAlign(char unit) => unit is '<' or '>' or '^' or '=';

    private static string Digits(BigInteger number, int radix)
    {
        var digits = "";
        do
        {
            number = BigInteger.DivRem(number, radix, out var digit);
            digits = "0123456789abcdef"[(int)digit] + digits;
        }
        while (!number.IsZero);

        return digits;
    }

    private string RealDigits(double size) => Type switch
    {
        'f' or 'F' => PythonFloat.Fixed(size, Precision ?? 6),
        '%' => PythonFloat.Fixed(size * 100, Precision ?? 6) + "%",
        'e' or 'E' => Exponential(size, Precision ?? 6),
        'g' or 'G' or 'n' => General(size, Math.Max(1, Precision ?? 6), leastExponent: -4, keepsPoint: false),
        '\0' when Precision is null => PythonFloat.Of(size),
        '\0' => General(size, Math.Max(1, Precision ?? 6), leastExponent: -4, keepsPoint: true),
        _ => throw Fault.Evaluation($"Unknown format code '{Type}' for object of type 'float'"),
    };

    private static string Exponential(double size, int decimals)
    {
        var (digits, exponent) = PythonFloat.Significant(size, decimals + 1);
        return DecimalText.Scientific(digits, exponent);
    }

    private string General(double size, int significant, int leastExponent, bool keepsPoint)
    {
        var exponent = PythonFloat.Significant(size, significant).Exponent;
        var isExponential = exponent < leastExponent || exponent >= (keepsPoint ? significant - 1 : significant);
        var text = isExponential
            ? Exponential(size, significant - 1)
            : PythonFloat.Fixed(size, Math.Max(0, significant - 1 - exponent));
        if (IsAlternate)
        {
            return text;
        }

        var mantissaEnd = isExponential ? text.IndexOf('e', StringComparison.Ordinal) : text.Length;
        var mantissa = text[..mantissaEnd];
        mantissa = mantissa.Contains('.') ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa;
        mantissa = keepsPoint && !isExponential && !mantissa.Contains('.') ? mantissa + ".0" : mantissa;
        return mantissa + text[mantissaEnd..];
    }

    private string SignOf(bool isNegative) => isNegative ? "-" : Sign == '-' ? "" : Sign.ToString();

    /// <summary>Parts the digits before the point or exponent into groups.</summary>
    private string Group(string digits, int size)
    {
        if (Grouping == '\0')
        {
            return digits;
        }

        var whole = digits.AsSpan().IndexOfAnyExcept("0123456789abcdefABCDEF".AsSpan());
        whole = whole < 0 || size == 4 ? digits.Length : whole;
        for (var place = whole - size; place > 0; place -= size)
        {
            digits = digits.Insert(place, Grouping.ToString());
        }

        return digits;
    }

    private string Pad(string sign, string body, char align)
    {
        var missing = Math.Max(0, Width - PythonString.Length(body) - sign.Length);
        var left = align switch
        {
            '<' => 0,
            '^' => missing / 2,
            _ => missing,
        };
        var before = string.Concat(Enumerable.Repeat(Fill, left));
        var after = string.Concat(Enumerable.Repeat(Fill, missing - left));
        return align == '=' ? sign + before + body + after : before + sign + body + after;
    }
}
