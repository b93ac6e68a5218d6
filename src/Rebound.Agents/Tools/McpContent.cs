using System.Text.Json;
using ModelContextProtocol.Protocol;
using Rebound.Files.Json;

namespace Rebound.Agents.Tools;

/// <summary>
/// Turns the content of a server's tool result into the text that an agent observes: text as it is, and for other content a mark in
/// brackets with its type.
/// </summary>
internal static class McpContent
{
    public static string Text(CallToolResult result)
    {
        var texts = result.Content.Select(Text).Where(text => text.Length > 0).ToList();
        if (result.StructuredContent is { } structured && !texts.Exists(text => Says(text, structured)))
        {
            texts.Add(structured.GetRawText());
        }

        var whole = string.Join('\n', texts);
        return result.IsError == true ? $"Error: {whole}" : whole;
    }

    private static string Text(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => Mark("an image", image.MimeType),
        AudioContentBlock audio => Mark("a sound", audio.MimeType),
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
        EmbeddedResourceBlock { Resource: var resource } => Mark($"the resource {resource.Uri}", resource.MimeType),
        ResourceLinkBlock link => $"[a link to {link.Title ?? link.Name}{Kind(link.MimeType)}: {link.Uri}]",
        _ => Mark($"content of the type {block.Type}", null),
    };

    private static string Mark(string what, string? mediaType) => $"[{what}{Kind(mediaType)}, which cannot be shown as text]";

    private static string Kind(string? mediaType) => string.IsNullOrWhiteSpace(mediaType) ? "" : $" ({mediaType})";

    /// <summary>Whether a text is the JSON of a value.</summary>
    private static bool Says(string text, JsonElement value)
    {
        try
        {
            return JsonElement.DeepEquals(StrictJson.ParseElement(text), value);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
