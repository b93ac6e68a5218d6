namespace Rebound.Agents.Tools;

/// <summary>A tool that could not do its work. The message never holds a key.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A tool that was called with arguments that it does not take: the agent is told, and may call it again.</summary>
public sealed class ToolArgumentException(string message, Exception? inner = null) : Exception(message, inner);
