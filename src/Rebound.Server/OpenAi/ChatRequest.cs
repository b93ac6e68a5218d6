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

    /// <summary>Values for variables of the chat template.</summary>
    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <summary>How much the model is to reason: a value for its chat template, where that takes one.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Whether the model's turn is opened.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>Whether the model goes on with the last message, which is its own.</summary>
    public bool? ContinueFinalMessage { get; init; }

    /// <summary>Whether answers begin with the last message, where that is the model's own.</summary>
    public bool? Echo { get; init; }

    /// <summary>Two conditions decoded together: a weight, or an object with <c>weight</c> and <c>condition</c>.</summary>
    public JsonElement? Guidance { get; init; }
}
