namespace Rebound.Agents.Search;

/// <summary>Options of web search.</summary>
public sealed record WebSearchOptions
{
    public Uri Endpoint { get; init; } = new("https://google.serper.dev/search");

    /// <summary>The number of results to request.</summary>
    public int Candidates { get; init; } = 10;

    /// <summary>Results that the agent sees, after ranking.</summary>
    public int Results { get; init; } = 3;

    /// <summary>Result pages that are read for better passages than their snippets; none by default.</summary>
    public int PagesToRead { get; init; }

    public int Retries { get; init; } = 5;

    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The request timeout.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
