using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Python's <c>json.dumps</c>, which <c>tojson</c> is in chat templates.</summary>
internal sealed class JsonText
{
    private static readonly SearchValues<char> NotPlain = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(unit => (char)unit), '"', '\\']);
    private static readonly SearchValues<char> NotPlainAscii =
        SearchValues.Create(
            [.. Enumerable.Range(0, char.MaxValue + 1).Select(unit => (char)unit).Where(unit => NotPlain.Contains(unit) || unit > '~')]);

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
        var positions = Enumerable.Range(0, dict.Count);
        if (_sortKeys)
        {
            positions = Sorting.Stable(positions.Cast<object?>(), position => dict.Keys[(int)position!], isReversed: false).Cast<int>();
        }

        AppendItems('{', positions, position => AppendPair(dict, position), '}');
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

    private void AppendItems<T>(char open, IEnumerable<T> items, Action<T> append, char close)
    {
        _output.Append(open);
        _depth++;
        var isFirst = true;
        foreach (var item in items)
        {
            _state.SpendText(_itemSeparator.Length);
            _output.Append(isFirst ? "" : _itemSeparator);
            AppendLineBreak();
            append(item);
            isFirst = false;
        }

        _depth--;
        if (!isFirst)
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
        var rest = text.AsSpan();
        while (rest.IndexOfAny(_asciiOnly ? NotPlainAscii : NotPlain) is var plain and >= 0)
        {
            _output.Append(rest[..plain]);
            AppendSpecial(rest[plain]);
            rest = rest[(plain + 1)..];
        }

        _output.Append(rest).Append('"');
    }

    private void AppendSpecial(char unit) => _ = unit switch
    {
        '"' => _output.Append("\\\""),
        '\\' => _output.Append("\\\\"),
        '\n' => _output.Append("\\n"),
        '\r' => _output.Append("\\r"),
        '\t' => _output.Append("\\t"),
        '\f' => _output.Append("\\f"),
        '\b' => _output.Append("\\b"),
        _ => _output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
    };
}
