using Microsoft.Extensions.AI;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tools;

/// <summary>Calls of tools, with what they give back as the text that an agent observes.</summary>
public static class ToolInvocation
{
    /// <summary>Calls a tool as <c>Action: tool[argument]</c> does.</summary>
    /// <exception cref="ToolArgumentException">The tool takes no such argument.</exception>
    /// <exception cref="ToolException">The tool could not do its work.</exception>
    public static async Task<string> ActAsync(this AIFunction tool, string argument, CancellationToken cancellation = default) =>
        ToolResults.Text(await tool.InvokeAsync(ToolArguments.OfAction(tool, argument), cancellation));

    /// <summary>Calls a tool with the JSON object of a native call.</summary>
    /// <exception cref="ToolArgumentException">The arguments are no JSON object, or not what the tool's schema asks for.</exception>
    /// <exception cref="ToolException">The tool could not do its work.</exception>
    public static async Task<string> CallAsync(this AIFunction tool, string arguments, CancellationToken cancellation = default) =>
        ToolResults.Text(await tool.InvokeAsync(ToolArguments.OfCall(tool, arguments), cancellation));

    /// <summary>Whether an exception is a tool's failure, rather than the end of the work or of the run.</summary>
    internal static bool IsToolsOwn(Exception problem, CancellationToken cancellation) =>
        problem is ToolException || (!cancellation.IsCancellationRequested && problem is not (OutOfMemoryException or ToolServerException));
}
