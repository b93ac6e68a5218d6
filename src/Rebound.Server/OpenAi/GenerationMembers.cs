using System.Text.Json;

namespace Rebound.Server.OpenAi;

/// <summary>The members of requests that say how text is generated; null where a request does not say.</summary>
internal abstract record GenerationMembers : SamplingMembers
{
    public int? N { get; init; }

    /// <summary>A text, or several.</summary>
    public JsonElement? Stop { get; init; }

    public IReadOnlyList<int>? StopTokenIds { get; init; }

    public bool? IgnoreEos { get; init; }

    public StreamOptions? StreamOptions { get; init; }
}

/// <summary>Usage in streams.</summary>
/// <param name="IncludeUsage">Whether it comes in an event of its own at the end.</param>
/// <param name="ContinuousUsageStats">Whether it comes with every event.</param>
internal sealed record StreamOptions(bool? IncludeUsage, bool? ContinuousUsageStats);
