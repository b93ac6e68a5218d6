using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rebound.Server.OpenAi;

/// <summary>The members of requests that say which model is asked and how tokens are drawn; null where a request does not say.</summary>
internal abstract record SamplingMembers
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

    public bool? Stream { get; init; }

    public bool? ReturnTokenIds { get; init; }

    /// <summary>Members that have no effect here.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}
