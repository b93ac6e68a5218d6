using System.Globalization;
using System.Numerics;
using System.Text;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Python's <c>json.dumps</c>, which <c>tojson</c> is in chat templates.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _output = new();
    private readonly RenderState _state;
    private readonly string? _indent;
    private readonly bool _asciiOnly;
    private readonly bool _sortKeys;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private int _depth;

    private JsonText(RenderState state, Arguments arguments)
    {
        _state = state;
        _asciiOnly = arguments.Truth(0, false);
        _indent = IndentOf(arguments[1]);
        _sortKeys = arguments.Truth(3, false);
        (_itemSeparator, _keySeparator) = arguments[2] is null
            ? (_indent is null ? ", " : ",", ": ")
            : Separators(arguments[2]);
    }

    /// <summary>The value as JSON; arguments <c>ensure_ascii indent separators sort_keys</c>.</summary>
    public static string Write(RenderState state, object? value, Arguments arguments)
    {
        var json = new JsonText(state, arguments);
        json.Append(value);
        state.CheckLength(json._output.Length);
        return json._output.ToString();
    }

    private static string? IndentOf(object? indent) => indent switch
    {
        null => null,
        string or Markup => PythonText.Of(indent),
        _ => new string(' ', Math.Clamp(Numbers.ToCount(indent), 0, 1000)),
    };

    private static (string Item, string Key) Separators(object? pair) =>
        Iteration.ToArray(pair) is [string item, string key]
            ? (item, key)
            : throw Fault.Evaluation("tojson: separators must be a pair of strings, such as (',', ':')");

    private void Append(object? value)
    {
        StackGuard.Check();
        _state.Step();
        _state.CheckLength(_output.Length);
        switch (value)
        {
            case null:
                _output.Append("null");
                break;
            case bool truth:
                _output.Append(truth ? "true" : "false");
                break;
            case long or BigInteger:
                _output.Append(PythonText.Of(value));
                break;
            case double number:
                _output.Append(RealText(number));
                break;
            case string or Markup:
                AppendText(PythonText.Of(value));
                break;
            case ListValue or TupleValue:
                AppendItems('[', Iteration.ToArray(value), Append, ']');
                break;
            case DictValue dict:
                AppendDict(dict);
                break;
            default:
                throw Fault.Evaluation($"Object of type {PythonType.NameOf(value)} is not JSON serializable");
        }
    }

    private void AppendDict(DictValue dict)
    {
        var positions = Enumerable.Range(0, dict.Count).Cast<object?>();
        if (_sortKeys)
        {
            positions = Sorting.Stable(positions, position => dict.Keys[(int)position!], isReversed: false);
        }

        AppendItems('{', [.. positions], position => AppendPair(dict, (int)position!), '}');
    }

    private void AppendPair(DictValue dict, int position)
    {
        AppendText(KeyText(dict.Keys[position]));
        _state.SpendText(_keySeparator.Length);
        _output.Append(_keySeparator);
        Append(dict.Values[position]);
    }

    private static string KeyText(object? key) => key switch
    {
        string or Markup => PythonText.Of(key),
        null => "null",
        bool truth => truth ? "true" : "false",
        long or BigInteger => PythonText.Of(key),
        double number => RealText(number),
        _ => throw Fault.Evaluation($"keys must be str, int, float, bool or None, not {PythonType.NameOf(key)}"),
    };

    private void AppendItems(char open, object?[] items, Action<object?> append, char close)
    {
        _output.Append(open);
        _depth++;
        for (var index = 0; index < items.Length; index++)
        {
            _state.SpendText(_itemSeparator.Length);
            _output.Append(index == 0 ? "" : _itemSeparator);
            AppendLineBreak();
            append(items[index]);
        }

        _depth--;
        if (items.Length > 0)
        {
            AppendLineBreak();
        }

        _output.Append(close);
    }

    private void AppendLineBreak()
    {
        if (_indent is not null)
        {
            _state.SpendText((long)_indent.Length * _depth);
            _state.CheckLength(_output.Length + ((long)_indent.Length * _depth));
            _output.Append('\n').Insert(_output.Length, _indent, _depth);
        }
    }

    private static string RealText(double number) => double.IsFinite(number) ? PythonFloat.Of(number)
        : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private void AppendText(string text)
    {
        _state.SpendText(text.Length);
        _state.CheckLength((long)_output.Length + text.Length);
        _output.Append('"');
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '"' => _output.Append("\\\""),
                '\\' => _output.Append("\\\\"),
                '\n' => _output.Append("\\n"),
                '\r' => _output.Append("\\r"),
                '\t' => _output.Append("\\t"),
                '\f' => _output.Append("\\f"),
                '\b' => _output.Append("\\b"),
                _ when unit < ' ' || (_asciiOnly && unit > '~') =>
                    _output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => _output.Append(unit),
            };
        }

        _output.Append('"');
    }
}
