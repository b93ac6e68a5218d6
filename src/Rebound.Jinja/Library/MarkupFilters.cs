using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Filters for HTML.</summary>
internal static partial class MarkupFilters
{
    public static Builtin[] All { get; } =
    [
        new("safe", "", (_, value, _) => new Markup(PythonText.Of(value))),
        new("escape", "", (_, value, _) => new Markup(Markup.Escape(value))),
        new("e", "", (_, value, _) => new Markup(Markup.Escape(value))),
        new("forceescape", "", (_, value, _) => new Markup(Markup.Escape(PythonText.Of(value)))),
        new("striptags", "", (state, value, _) => StripTags(state, PythonText.Of(value))),
        new("xmlattr", "autospace?", (_, value, arguments) => Attributes(value, arguments.Truth(0, true))),
    ];

    [GeneratedRegex("<!--.*?-->|<[^>]*>", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Tags { get; }

    [GeneratedRegex(@"[\s/>=]", RegexOptions.NonBacktracking)]
    private static partial Regex NotInAttributeNames { get; }

    private static string StripTags(RenderState state, string text)
    {
        state.SpendText(text.Length);
        var words = Tags.Replace(text, "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return WebUtility.HtmlDecode(string.Join(' ', words));
    }

    private static string Attributes(object? value, bool startsWithSpace)
    {
        var dict = value as DictValue ?? throw Fault.Evaluation("xmlattr needs a mapping");
        var attributes = new StringBuilder();
        for (var position = 0; position < dict.Count; position++)
        {
            if (dict.Values[position] is null or Undefined)
            {
                continue;
            }

            var name = PythonText.Of(dict.Keys[position]);
            if (NotInAttributeNames.IsMatch(name))
            {
                throw Fault.Evaluation($"Invalid character in attribute name: {Repr.Of(name)}");
            }

            attributes.Append(attributes.Length > 0 ? " " : "");
            attributes.Append(Markup.Escape(name)).Append("=\"").Append(Markup.Escape(dict.Values[position])).Append('"');
        }

        return startsWithSpace && attributes.Length > 0 ? $" {attributes}" : attributes.ToString();
    }
}
