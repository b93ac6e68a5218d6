namespace Rebound.Agents.Tools;

/// <summary>How a tool server is started, and its limits.</summary>
public sealed record McpStartOptions
{
    public McpLimits Limits { get; init; } = new();

    /// <summary>Environment variables for a server that is started here, beside the harmless ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Told every line of a local server's standard error; null for none. The last lines are kept in any case.</summary>
    public Action<string>? OnError { get; init; }
}
