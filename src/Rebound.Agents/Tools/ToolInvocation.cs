using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>Calls of tools, with what they give back as the text that an agent observes.</summary>
public static class ToolInvocation
{
    /// <summary>Calls a tool as <c>Action: tool[argument]</c> does.</summary>
    /// <exception cref="ToolArgumentException">The tool takes no such argument.</exception>
    /// <exception cref="ToolException">The tool could not do its work.</exception>
    public static async Task<string> ActAsync(this AIFunction tool, string argument, CancellationToken cancellation = default) =>
        Text(await tool.InvokeAsync(ToolArguments.OfAction(tool, argument), cancellation));

    /// <summary>Calls a tool with the JSON object of a native call.</summary>
    /// <exception cref="ToolArgumentException">The arguments are no JSON object, or not what the tool's schema asks for.</exception>
    /// <exception cref="ToolException">The tool could not do its work.</exception>
    public static async Task<string> CallAsync(this AIFunction tool, string arguments, CancellationToken cancellation = default) =>
        Text(await tool.InvokeAsync(ToolArguments.OfCall(tool, arguments), cancellation));

    /// <summary>Whether an exception is a tool's failure, rather than the end of the work or of the run.</summary>
    internal static bool IsToolsOwn(Exception problem, CancellationToken cancellation) =>
        problem is ToolException || (!cancellation.IsCancellationRequested && problem is not (OutOfMemoryException or ToolServerException));

    /// <summary>A text as it is, the texts of several contents, and JSON of anything else; nothing for null.</summary>
    internal static string Text(object? result) => result switch
    {
        null => "",
        string text => text,
        TextContent content => content.Text,
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(Text)),
        DataContent data => $"[{data.MediaType}, which cannot be shown as text]",
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        JsonElement element => element.GetRawText(),
        _ => JsonSerializer.Serialize(result, result.GetType(), AIJsonUtilities.DefaultOptions),
    };
}
