namespace Rebound.Agents.Tools;

/// <summary>How a tool server is started, and its limits.</summary>
public sealed record McpStartOptions
{
    public McpLimits Limits { get; init; } = new();

    /// <summary>Variables of the environment that a server started here gets beside the harmless ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Told every line that a server started here writes to its standard error; null for nobody. Its last lines are kept in any case.
    /// </summary>
    public Action<string>? OnError { get; init; }
}
