using System.Text.Json;

namespace Rebound.Server.OpenAi;

/// <summary>The body of <c>POST /v1/chat/completions</c>, with the members that other servers have added and clients send.</summary>
internal sealed record ChatRequest : GenerationMembers
{
    public JsonElement? Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public bool? Logprobs { get; init; }

    public int? TopLogprobs { get; init; }

    public JsonElement? Tools { get; init; }

    /// <summary><c>none</c>, <c>auto</c>, <c>required</c>, or a function by its name.</summary>
    public JsonElement? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public JsonElement? ResponseFormat { get; init; }

    /// <summary>A JSON Schema, or one as text, in the place of <see cref="ResponseFormat"/>.</summary>
    public JsonElement? GuidedJson { get; init; }

    /// <summary>An object with a JSON Schema as <c>json</c>, or <c>json_object</c>.</summary>
    public JsonElement? StructuredOutputs { get; init; }

    /// <summary>Values for variables of the chat template.</summary>
    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <summary>Two conditions decoded together: a weight, or an object with <c>weight</c> and <c>condition</c>.</summary>
    public JsonElement? Guidance { get; init; }
}
