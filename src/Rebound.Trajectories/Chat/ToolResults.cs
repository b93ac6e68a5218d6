using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Files.Json;

namespace Rebound.Trajectories.Chat;

/// <summary>Converts tool results to the text that an agent observes and trajectories keep.</summary>
public static class ToolResults
{
    private static readonly JsonSerializerOptions Deep = new(AIJsonUtilities.DefaultOptions) { MaxDepth = JsonOutput.OneLine.MaxDepth };

    /// <summary>A text as it is, the texts of several contents, and JSON of anything else; nothing for null.</summary>
    public static string Text(object? result) => result switch
    {
        null => "",
        string text => text,
        TextContent content => content.Text,
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(Text)),
        DataContent data => $"[{data.MediaType}, which cannot be shown as text]",
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        JsonElement element => element.GetRawText(),
        _ => JsonSerializer.Serialize(result, result.GetType(), Deep),
    };
}
