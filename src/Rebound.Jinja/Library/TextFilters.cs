using System.Text;
using System.Text.RegularExpressions;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Filters of text.</summary>
internal static partial class TextFilters
{
    public static Builtin[] All { get; } =
    [
        Keeping("trim", "chars?", (_, text, arguments) => TextTrimming.Trim(text, arguments[0], atStart: true, atEnd: true)),
        Keeping("upper", "", (_, text, _) => CaseMapping.Upper(text)),
        Keeping("lower", "", (_, text, _) => CaseMapping.Lower(text)),
        Keeping("capitalize", "", (_, text, _) => CaseMapping.Capitalize(text)),
        Keeping("title", "", (_, text, _) => Title(text)),
        Keeping("center", "width?", (state, text, arguments) => TextPadding.Center(state, text, arguments.Count(0, 80), " ")),
        Keeping("indent", "width? first? blank?", Indent, takesTextOnly: true),
        new("truncate", "length? killwords? end? leeway?", Truncate),
        new("replace", "old new count?", (state, value, arguments) => TextSearch.Replace(
            state,
            PythonText.Of(value),
            PythonText.Of(arguments[0]),
            PythonText.Of(arguments[1]),
            arguments[2] is null ? -1 : arguments.Count(2, -1))),
        new("wordcount", "", (state, value, _) => WordCount(state, PythonText.Of(value))),
        new("format", "*", Format),
        new("urlencode", "", (state, value, _) => UrlEncode(state, value)),
    ];

    [GeneratedRegex(@"([-\s({\[<]+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WordStarts { get; }

    /// <summary>A filter that leaves markup marked.</summary>
    private static Builtin Keeping(
        string name, string parameters, Func<RenderState, string, Arguments, string> body, bool takesTextOnly = false) =>
        new(name, parameters, (state, value, arguments) =>
        {
            if (takesTextOnly && !PythonType.IsText(value))
            {
                throw (value as Undefined)?.Used() ?? Fault.Evaluation($"{name} needs text, not '{PythonType.NameOf(value)}'");
            }

            var text = PythonText.Of(value);
            state.SpendText(text.Length);
            var result = body(state, text, arguments);
            return value is Markup ? new Markup(result) : result;
        });

    /// <summary>Capitals at the start and after white space, hyphens and opening brackets.</summary>
    private static string Title(string text)
    {
        var titled = new StringBuilder(text.Length);
        foreach (var word in WordStarts.Split(text).Where(word => word.Length > 0))
        {
            var width = char.IsHighSurrogate(word[0]) && word.Length > 1 ? 2 : 1;
            titled.Append(CaseMapping.Upper(word[..width])).Append(CaseMapping.Lower(word[width..]));
        }

        return titled.ToString();
    }

    private static string Indent(RenderState state, string text, Arguments arguments)
    {
        var indention = PythonType.IsText(arguments[0]) ? arguments.Text(0) : Spaces(state, arguments.Count(0, 4));
        var (first, blank) = (arguments.Truth(1, false), arguments.Truth(2, false));
        // Jinja adds a line break, so that a text ending in one keeps it, then takes the lines apart and joins them again.
        var lines = TextSplitting.Lines(state, text + "\n", keepEnds: false).Items;
        state.ReserveText(text.Length + ((long)lines.Length * (indention.Length + 1)));
        var output = new StringBuilder(first ? indention : "");
        for (var index = 0; index < lines.Length; index++)
        {
            var line = (string)lines[index]!;
            output.Append(index > 0 ? "\n" : "");
            output.Append(index > 0 && (blank || line.Length > 0) ? indention : "").Append(line);
        }

        return output.ToString();
    }

    private static string Spaces(RenderState state, int width)
    {
        state.ReserveText(width);
        return new string(' ', Math.Max(0, width));
    }

    /// <summary>Shortens text that is longer than asked; anything short enough stays as it is, list or text.</summary>
    private static object? Truncate(RenderState state, object? value, Arguments arguments)
    {
        var (length, end, leeway) = (arguments.Count(0, 255), arguments.Text(2, "..."), arguments.Count(3, 5));
        var kept = length - PythonString.Length(end);
        if (kept < 0)
        {
            throw Fault.Evaluation($"expected length >= {PythonString.Length(end)}, got {length}");
        }

        if (leeway < 0)
        {
            throw Fault.Evaluation($"expected leeway >= 0, got {leeway}");
        }

        if (Iteration.Length(value) <= (long)length + leeway)
        {
            return value;
        }

        if (!PythonType.IsText(value))
        {
            throw Fault.Evaluation($"truncate shortens text, not '{PythonType.NameOf(value)}'");
        }

        var text = PythonText.Of(value);
        state.SpendText(text.Length);
        var cut = text[..PythonString.UnitOffset(text, kept)];
        var lastSpace = arguments.Truth(1, false) ? -1 : cut.LastIndexOf(' ');
        var shortened = (lastSpace < 0 ? cut : cut[..lastSpace]) + end;
        return value is Markup ? new Markup(shortened) : shortened;
    }

    private static object WordCount(RenderState state, string text)
    {
        state.SpendText(text.Length);
        var (count, isInWord) = (0L, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune) || rune.Value == '_';
            count += isWord && !isInWord ? 1 : 0;
            isInWord = isWord;
        }

        return Boxed.Of(count);
    }

    /// <summary><c>text % arguments</c>: all by position or all by name.</summary>
    private static object? Format(RenderState state, object? value, Arguments arguments)
    {
        if (arguments.Rest.Length > 0 && arguments.Named.Length > 0)
        {
            throw Fault.Evaluation("can't handle positional and keyword arguments at the same time");
        }

        object values = new TupleValue(arguments.Rest);
        if (arguments.Named.Length > 0)
        {
            var named = new DictValue();
            foreach (var (name, argument) in arguments.Named)
            {
                named.Set(name, argument);
            }

            values = named;
        }

        return PercentFormat.Apply(state, value is Markup ? value : PythonText.Of(value), values);
    }

    private static string UrlEncode(RenderState state, object? value)
    {
        if (value is string or Markup or not (DictValue or ISequence or DictView or GeneratorValue))
        {
            return Quote(state, PythonText.Of(value), "/");
        }

        var pairs = Iteration.ToArray(value is DictValue dict ? new DictView(dict, DictView.Part.Items) : value)
            .Select(pair => Iteration.ToArray(pair) is [var name, var content]
                ? $"{QuotePlus(state, name)}={QuotePlus(state, content)}"
                : throw Fault.Evaluation("urlencode needs text, a mapping or pairs"));
        return TextPadding.Join(state, "&", TextPadding.Texts(state, pairs, pair => (string)pair!));
    }

    private static string QuotePlus(RenderState state, object? value) =>
        Quote(state, PythonText.Of(value), "").Replace("%20", "+", StringComparison.Ordinal);

    private static string Quote(RenderState state, string text, string safe)
    {
        state.ReserveText(3L * text.Length);
        var quoted = new StringBuilder(text.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            var isPlain = char.IsAsciiLetterOrDigit((char)unit) || "_.-~".Contains((char)unit) || safe.Contains((char)unit);
            _ = isPlain ? quoted.Append((char)unit) : quoted.Append('%').Append(unit.ToString("X2"));
        }

        return quoted.ToString();
    }
}
