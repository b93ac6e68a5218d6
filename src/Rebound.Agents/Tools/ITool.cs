namespace Rebound.Agents.Tools;

/// <summary>Something an agent can call: <c>Action: name[argument]</c>.</summary>
public interface ITool
{
    /// <summary>The name that actions call it by.</summary>
    string Name { get; }

    /// <summary>What it does, in a line for prompts and lists.</summary>
    string Description { get; }

    /// <summary>What the agent observes.</summary>
    /// <exception cref="ToolException">The tool could not do its work; the episode ends with that cause, as it does whatever else is thrown.</exception>
    Task<string> InvokeAsync(string argument, CancellationToken cancellation = default);
}

/// <summary>A tool that could not do its work. The message never holds a key.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);
