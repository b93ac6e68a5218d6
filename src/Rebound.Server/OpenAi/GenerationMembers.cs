using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rebound.Server.OpenAi;

/// <summary>The members of requests that say how text is generated; null where a request does not say.</summary>
internal abstract record GenerationMembers
{
    public string? Model { get; init; }

    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public double? MinP { get; init; }

    public double? RepetitionPenalty { get; init; }

    public double? PresencePenalty { get; init; }

    public double? FrequencyPenalty { get; init; }

    /// <summary>By token id, as text.</summary>
    public Dictionary<string, double>? LogitBias { get; init; }

    public long? Seed { get; init; }

    public int? N { get; init; }

    /// <summary>A text, or several.</summary>
    public JsonElement? Stop { get; init; }

    public IReadOnlyList<int>? StopTokenIds { get; init; }

    public bool? IgnoreEos { get; init; }

    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    public bool? ReturnTokenIds { get; init; }

    /// <summary>Members that have no effect here.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>Usage in streams.</summary>
/// <param name="IncludeUsage">Whether it comes in an event of its own at the end.</param>
/// <param name="ContinuousUsageStats">Whether it comes with every event.</param>
internal sealed record StreamOptions(bool? IncludeUsage, bool? ContinuousUsageStats);
