using System.Text;

namespace Rebound.Jinja.Values;

/// <summary>Text marked as HTML by <c>safe</c> or <c>escape</c>: whatever plain text joins it is escaped first.</summary>
internal sealed class Markup(string text)
{
    public string Text { get; } = text;

    /// <summary>The text of a value as it joins markup: markup as it is, anything else escaped.</summary>
    public static string Escape(object? value) => value is Markup markup ? markup.Text : Escape(PythonText.Of(value));

    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>'\"") < 0)
        {
            return text;
        }

        RenderState.Current?.ReserveText(text.Length + (4L * text.AsSpan().Count('&')) + (4L * text.AsSpan().Count('"')));
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '\'' => escaped.Append("&#39;"),
                '"' => escaped.Append("&#34;"),
                _ => escaped.Append(unit),
            };
        }

        return escaped.ToString();
    }
}
