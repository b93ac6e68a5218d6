using System.Text.Json;
using AngleSharp.Html.Parser;

namespace Rebound.Agents.Models.Protocol;

/// <summary>The sentence that a server's error is told in, whatever the shape of its body.</summary>
internal static class ServerSentence
{
    private const int Longest = 600;
    private const int MostItems = 5;
    private const int Deepest = 8;

    /// <summary>Members that hold what went wrong, the most telling first.</summary>
    private static readonly string[] Telling = ["error", "message", "detail", "errors", "msg", "title", "error_description", "reason"];

    /// <summary>The server's message in one line of bounded length; empty where the body has none.</summary>
    public static string Of(string body)
    {
        var text = body.Trim('\uFEFF', ' ', '\r', '\n', '\t');
        return text switch
        {
            "" => "",
            ['{' or '[' or '"', ..] => Tidy(Parse(text) is { } json ? Find(json, Deepest) ?? text : text),
            ['<', ..] => Tidy(OfHtml(text)),
            _ => Tidy(text),
        };
    }

    /// <summary>The sentence within JSON; null where there is none.</summary>
    public static string? Of(JsonElement json) => Find(json, Deepest) is { } sentence ? Tidy(sentence) : null;

    private static string? Find(JsonElement json, int depth) => json.ValueKind switch
    {
        _ when depth == 0 => null,
        JsonValueKind.String when json.GetString() is { Length: > 0 } text =>
            text.TrimStart() is ['{', ..] && Parse(text) is { } nested ? Find(nested, depth - 1) ?? text : text,
        JsonValueKind.Array => Joined(json.EnumerateArray().Select(item => Find(item, depth - 1))),
        JsonValueKind.Object => FindInObject(json, depth),
        _ => null,
    };

    private static string? FindInObject(JsonElement json, int depth)
    {
        // Beside an error's mere name, as "Not Found", the message says more.
        var named = json.Text("error") is not null && json.Text("message") is { Length: > 0 } message ? message : null;
        var sentence = named ?? Telling
            .Select(name => json.Member(name) is { } member ? FindInMember(name, member, depth - 1) : null)
            .FirstOrDefault(found => found is not null);
        var place = Joined(json.Items("loc").Select(part => part.ToString()), ".");
        var cause = json.Member("metadata") is { } metadata && metadata.Member("raw") is { } raw ? Find(raw, depth - 1) : null;
        return Joined([sentence is not null && place is not null ? $"{place}: {sentence}" : sentence, cause], ": ");
    }

    private static string? FindInMember(string name, JsonElement member, int depth) =>
        Find(member, depth) is { } sentence ? sentence
        : name == "errors" && member.ValueKind == JsonValueKind.Object
            ? Joined(member.EnumerateObject().Select(field => Find(field.Value, depth) is { } said ? $"{field.Name}: {said}" : null))
        : name == "error" && member.ValueKind == JsonValueKind.Object && member.EnumerateObject().Any() ? member.GetRawText()
        : null;

    private static string? Joined(IEnumerable<string?> parts, string separator = "; ")
    {
        var all = parts.Where(part => part is not null).Take(MostItems).ToList();
        return all.Count == 0 ? null : string.Join(separator, all);
    }

    private static string OfHtml(string html)
    {
        using var page = new HtmlParser().ParseDocument(html.Length <= 1 << 16 ? html : html[..(1 << 16)]);
        return page.Title is { Length: > 0 } title ? title : page.Body?.TextContent ?? "";
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Tidy(string sentence)
    {
        var line = string.Join(' ', sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return line.Length <= Longest ? line : $"{line[..Longest]}…";
    }
}
