namespace Rebound.Agents.Tools;

/// <summary>A tool that could not do its work. The message never holds a key.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);

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
