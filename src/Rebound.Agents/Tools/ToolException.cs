namespace Rebound.Agents.Tools;

/// <summary>A tool that could not do its work. The message never holds a key.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// The message as anybody may read it who may use the tool: nothing in it was said by a server, a library or the system, which may name
    /// files, machines and secrets. Null where there is nothing to say but that the tool failed.
    /// </summary>
    public string? PublicMessage { get; init; }

    /// <summary>A failure of which anybody may read everything.</summary>
    public static ToolException Public(string message, Exception? inner = null) => new(message, inner) { PublicMessage = message };
}

/// <summary>
/// A tool server that is gone. The run stops: the failure says nothing of the agent, and every later episode would fail, too.
/// </summary>
public sealed class ToolServerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A tool that was called with arguments that it does not take: the agent is told, and may call it again.</summary>
public sealed class ToolArgumentException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether they are no JSON object at all, rather than one with other members than the tool takes.</summary>
    public bool IsNoJson { get; init; }
}
