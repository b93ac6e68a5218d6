using System.Globalization;
using System.Numerics;
using System.Text;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Python's <c>text % values</c>.</summary>
internal sealed class PercentFormat
{
    private readonly RenderState _state;
    private readonly string _format;
    private readonly object? _values;
    private readonly object?[] _positional;
    private readonly bool _isMarkup;
    private int _position;
    private int _used;

    private PercentFormat(RenderState state, object format, object? values)
    {
        _state = state;
        _format = PythonText.Of(format);
        _isMarkup = format is Markup;
        _values = values;
        _positional = values is TupleValue tuple ? tuple.Items : [values];
    }

    public static object Apply(RenderState state, object format, object? values)
    {
        var formatter = new PercentFormat(state, format, values);
        var text = formatter.Run();
        return formatter._isMarkup ? new Markup(text) : text;
    }

    private string Run()
    {
        var output = new StringBuilder();
        while (_position < _format.Length)
        {
            if (_format[_position] != '%')
            {
                output.Append(_format[_position++]);
                continue;
            }

            _position++;
            var converted = Conversion();
            _state.Step();
            _state.CheckLength((long)output.Length + converted.Length);
            output.Append(converted);
        }

        _state.ReserveText(output.Length);
        return _used < _positional.Length && _values is not (DictValue or ListValue)
            ? throw Fault.Evaluation("not all arguments converted during string formatting")
            : output.ToString();
    }

    private string Conversion()
    {
        var hasKey = TryReadKey(out var keyed);
        var spec = ReadFlags();
        spec = spec with { Width = ReadNumber() ?? 0 };
        if (spec.Width < 0)
        {
            spec = spec with { Width = -spec.Width, Align = '<', Fill = " " };
        }

        if (Peek() == '.')
        {
            _position++;
            spec = spec with { Precision = Math.Max(0, ReadNumber() ?? 0) };
        }

        while (Peek() is 'l' or 'h' or 'L')
        {
            _position++;
        }

        var type = Peek();
        _position++;
        return type == '%' ? "%" : Convert(type, hasKey ? keyed : NextValue(), spec);
    }

    private string Convert(char type, object? value, FormatSpec spec)
    {
        switch (type)
        {
            case 's':
                return (spec with { Align = spec.Align == '<' ? '<' : '>', Fill = " " })
                    .FormatText(_isMarkup ? Markup.Escape(value) : PythonText.Of(value));
            case 'r' or 'a':
                return (spec with { Align = spec.Align == '<' ? '<' : '>', Fill = " " }).FormatText(Repr.Of(value));
            case 'd' or 'i' or 'u':
                return (spec with { Type = 'd', Precision = null }).FormatInteger(Whole(value, type));
            case 'x' or 'X' or 'o':
                return (spec with { Type = type, Precision = null }).FormatInteger(Whole(value, type));
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return (spec with { Type = type }).FormatReal(
                    Numbers.ToReal(value ?? throw Fault.Evaluation("must be real number, not NoneType")));
            case 'c':
                return PythonType.IsText(value)
                    ? spec.FormatText(PythonText.Of(value))
                    : (spec with { Type = 'c' }).FormatInteger(Whole(value, type));
            case '\0':
                throw Fault.Evaluation("incomplete format");
            default:
                throw Fault.Evaluation($"unsupported format character '{type}'");
        }
    }

    private static BigInteger Whole(object? value, char type) => value switch
    {
        double number when type is 'd' or 'i' or 'u' && double.IsFinite(number) => new BigInteger(Math.Truncate(number)),
        bool or long or BigInteger => Numbers.ToBig(value),
        Undefined undefined => throw undefined.Used(),
        _ => throw Fault.Evaluation($"%{type} format: a real number is required, not {PythonType.NameOf(value)}"),
    };

    private bool TryReadKey(out object? value)
    {
        value = null;
        if (Peek() != '(')
        {
            return false;
        }

        var end = _format.IndexOf(')', _position);
        var key = end < 0 ? throw Fault.Evaluation("incomplete format key") : _format[(_position + 1)..end];
        _position = end + 1;
        var dict = _values as DictValue ?? throw Fault.Evaluation("format requires a mapping");
        return dict.TryGet(key, out value) ? true : throw Fault.Evaluation(Repr.Of(key));
    }

    private FormatSpec ReadFlags()
    {
        var spec = new FormatSpec { Align = '>' };
        for (; Peek() is '-' or '+' or ' ' or '0' or '#'; _position++)
        {
            spec = Peek() switch
            {
                '-' => spec with { Align = '<', Fill = " " },
                '+' => spec with { Sign = '+' },
                ' ' when spec.Sign != '+' => spec with { Sign = ' ' },
                '0' when spec.Align != '<' => spec with { Align = '=', Fill = "0" },
                '#' => spec with { IsAlternate = true },
                _ => spec,
            };
        }

        return spec;
    }

    private int? ReadNumber()
    {
        if (Peek() == '*')
        {
            _position++;
            return Bounded(Numbers.ToCount(NextValue()));
        }

        var start = _position;
        while (char.IsAsciiDigit(Peek()))
        {
            _position++;
        }

        return start == _position
            ? null
            : Bounded(int.TryParse(_format.AsSpan(start, _position - start), CultureInfo.InvariantCulture, out var number)
                ? number
                : int.MaxValue);
    }

    private int Bounded(int width)
    {
        _state.ReserveText(Math.Abs((long)width));
        return width;
    }

    private object? NextValue() => _used < _positional.Length
        ? _positional[_used++]
        : throw Fault.Evaluation("not enough arguments for format string");

    private char Peek() => _position < _format.Length ? _format[_position] : '\0';
}
