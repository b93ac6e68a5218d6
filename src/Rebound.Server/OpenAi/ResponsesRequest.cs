using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rebound.Server.OpenAi;

/// <summary>The body of <c>POST /v1/responses</c>.</summary>
internal sealed record ResponsesRequest : GenerationMembers
{
    /// <summary>A text, or items: messages, calls of functions and their outputs.</summary>
    public JsonElement? Input { get; init; }

    public string? Instructions { get; init; }

    public int? MaxOutputTokens { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    /// <summary>With the member <c>format</c>.</summary>
    public JsonElement? Text { get; init; }

    public string? PreviousResponseId { get; init; }

    public bool? Store { get; init; }

    public JsonElement? Metadata { get; init; }

    public IReadOnlyList<string>? Include { get; init; }

    public int? TopLogprobs { get; init; }

    /// <summary>With the member <c>effort</c>.</summary>
    public JsonElement? Reasoning { get; init; }

    public JsonElement? ChatTemplateKwargs { get; init; }

    public JsonElement? Guidance { get; init; }

    /// <summary>Whether log-probabilities are asked for.</summary>
    [JsonIgnore]
    public bool WantsLogprobs => Include?.Contains("message.output_text.logprobs") == true;
}
