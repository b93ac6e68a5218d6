using System.Globalization;
using System.Text;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Python's <c>text.format(…)</c>: fields in braces, with attributes, elements, conversions and specifications.</summary>
internal sealed class BraceFormat
{
    private readonly RenderState _state;
    private readonly CallArguments _arguments;
    private int _automatic;

    /// <summary>Whether fields are numbered by position and not by the format; null until one says.</summary>
    private bool? _isAutomatic;

    private BraceFormat(RenderState state, CallArguments arguments)
    {
        _state = state;
        _arguments = arguments;
    }

    public static string Apply(RenderState state, string format, CallArguments arguments) =>
        new BraceFormat(state, arguments).Run(format, isSpec: false);

    private string Run(string format, bool isSpec)
    {
        var output = new StringBuilder();
        for (var position = 0; position < format.Length; position++)
        {
            var unit = format[position];
            if (unit is not ('{' or '}'))
            {
                output.Append(unit);
            }
            else if (position + 1 < format.Length && format[position + 1] == unit)
            {
                output.Append(unit);
                position++;
            }
            else if (unit == '}')
            {
                throw Fault.Evaluation("Single '}' encountered in format string");
            }
            else
            {
                var end = EndOfField(format, position);
                if (isSpec && format.AsSpan(position + 1, end - position - 1).Contains('{'))
                {
                    throw Fault.Evaluation("Max string recursion exceeded");
                }

                var field = Field(format[(position + 1)..end]);
                _state.Step();
                _state.CheckLength((long)output.Length + field.Length);
                output.Append(field);
                position = end;
            }
        }

        _state.ReserveText(output.Length);
        return output.ToString();
    }

    private static int EndOfField(string format, int start)
    {
        var depth = 0;
        for (var position = start; position < format.Length; position++)
        {
            depth += format[position] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return position;
            }
        }

        throw Fault.Evaluation("expected '}' before end of string");
    }

    private string Field(string field)
    {
        var nameEnd = field.AsSpan().IndexOfAny(":!");
        var name = nameEnd < 0 ? field : field[..nameEnd];
        var rest = nameEnd < 0 ? "" : field[nameEnd..];
        var value = Value(name);
        if (rest.StartsWith('!'))
        {
            value = rest.Length > 1 && rest[1] is 's' ? PythonText.Of(value)
                : rest.Length > 1 && rest[1] is 'r' or 'a' ? Repr.Of(value)
                : throw Fault.Evaluation($"Unknown conversion specifier in '{{{field}}}'");
            rest = rest[2..];
        }

        var spec = rest.Length > 0 ? Run(rest[1..], isSpec: true) : "";
        if (spec.Length == 0)
        {
            return PythonText.Of(value);
        }

        return value is null or not (string or Markup or bool or long or double or System.Numerics.BigInteger)
            ? throw Fault.Evaluation($"unsupported format string passed to {PythonType.NameOf(value)}.__format__")
            : FormatSpec.Parse(spec).Format(value);
    }

    private object? Value(string path)
    {
        var firstEnd = path.AsSpan().IndexOfAny(".[");
        var value = First(firstEnd < 0 ? path : path[..firstEnd]);
        var position = firstEnd < 0 ? path.Length : firstEnd;
        while (position < path.Length)
        {
            if (path[position] == '.')
            {
                var length = path.AsSpan(position + 1).IndexOfAny(".[");
                var end = length < 0 ? path.Length : position + 1 + length;
                value = Access.Attribute(value, path[(position + 1)..end]);
                position = end;
                continue;
            }

            var close = path.IndexOf(']', position);
            var key = close < 0 ? throw Fault.Evaluation("Missing ']' in format string") : path[(position + 1)..close];
            value = Access.Element(value, IsNumber(key, out var index) ? index : key);
            position = close + 1;
        }

        return value;
    }

    private object? First(string name)
    {
        if (name.Length > 0 && !IsNumber(name, out _))
        {
            foreach (var (key, value) in _arguments.Named)
            {
                if (key == name)
                {
                    return value;
                }
            }

            throw Fault.Evaluation(Repr.Of(name));
        }

        if ((_isAutomatic ??= name.Length == 0) != (name.Length == 0))
        {
            throw Fault.Evaluation("a format cannot have both numbered fields and fields without a number");
        }

        var index = name.Length == 0 ? _automatic++ : int.Parse(name, CultureInfo.InvariantCulture);
        return index < _arguments.Positional.Length
            ? _arguments.Positional[index]
            : throw Fault.Evaluation($"Replacement index {index} out of range for positional args tuple");
    }

    private static bool IsNumber(string text, out object index)
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        index = (long)number;
        return isNumber;
    }
}
