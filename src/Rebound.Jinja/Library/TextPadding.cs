using System.Text;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Text brought to a width, in code points, or joined.</summary>
internal static class TextPadding
{
    /// <summary>The texts of values, made as long as they fit into one together.</summary>
    public static string[] Texts(RenderState state, IEnumerable<object?> values, Func<object?, string> textOf)
    {
        var texts = new List<string>();
        var length = 0L;
        foreach (var value in values)
        {
            texts.Add(textOf(value));
            length += texts[^1].Length;
            state.Step();
            state.CheckLength(length);
        }

        return [.. texts];
    }

    public static string Join(RenderState state, string separator, string[] texts)
    {
        state.ReserveText(texts.Sum(text => (long)text.Length) + ((long)separator.Length * Math.Max(0, texts.Length - 1)));
        return string.Join(separator, texts);
    }

    public static string Center(RenderState state, string text, Arguments arguments) =>
        Center(state, text, arguments.Count(0, 0), Fill(arguments));

    public static string Center(RenderState state, string text, int width, string fill)
    {
        var missing = Missing(state, text, width);
        var left = (missing / 2) + (missing & width & 1);
        return Repeat(fill, left) + text + Repeat(fill, missing - left);
    }

    public static string Pad(RenderState state, string text, Arguments arguments, bool atStart)
    {
        var padding = Repeat(Fill(arguments), Missing(state, text, arguments.Count(0, 0)));
        return atStart ? padding + text : text + padding;
    }

    public static string ZeroFill(RenderState state, string text, int width)
    {
        var zeros = new string('0', Missing(state, text, width));
        return text.Length > 0 && text[0] is '+' or '-' ? text[0] + zeros + text[1..] : zeros + text;
    }

    public static string ExpandTabs(RenderState state, string text, int tabSize)
    {
        state.ReserveText(text.Length + ((long)text.AsSpan().Count('\t') * Math.Max(0, tabSize)));
        var expanded = new StringBuilder(text.Length);
        var column = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                var spaces = tabSize > 0 ? tabSize - (column % tabSize) : 0;
                expanded.Append(' ', spaces);
                column += spaces;
                continue;
            }

            expanded.Append(rune.ToString());
            column = rune.Value is '\n' or '\r' ? 0 : column + 1;
        }

        return expanded.ToString();
    }

    /// <summary>How many characters a text lacks to a width.</summary>
    public static int Missing(RenderState state, string text, int width)
    {
        state.ReserveText(width);
        return Math.Max(0, width - PythonString.Length(text));
    }

    private static string Repeat(string fill, int times) => string.Concat(Enumerable.Repeat(fill, times));

    private static string Fill(Arguments arguments)
    {
        var fill = arguments.Text(1, " ");
        return PythonString.Length(fill) == 1
            ? fill
            : throw Fault.Evaluation("The fill character must be exactly one character long");
    }
}
