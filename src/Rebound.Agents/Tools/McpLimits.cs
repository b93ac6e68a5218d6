namespace Rebound.Agents.Tools;

/// <summary>Timeouts and size limits for tool servers.</summary>
public sealed record McpLimits
{
    /// <summary>The time limit for starting and listing tools.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time limit of a tool call.</summary>
    public TimeSpan CallPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pages of its list of tools.</summary>
    public int MostPages { get; init; } = 100;

    /// <summary>Tools of all pages.</summary>
    public int MostTools { get; init; } = 1_000;

    /// <summary>Bytes of one message.</summary>
    public long LongestMessage { get; init; } = 32L << 20;
}
