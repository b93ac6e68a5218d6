using System.Text.Json;

namespace Rebound.Server.OpenAi;

/// <summary>The body of <c>POST /v1/completions</c>.</summary>
internal sealed record CompletionRequest : GenerationMembers
{
    /// <summary>A text, token ids, or a list of one of both.</summary>
    public JsonElement? Prompt { get; init; }

    /// <summary>How many of the likeliest tokens are wanted with each token; null for no log-probabilities.</summary>
    public int? Logprobs { get; init; }

    public bool? Echo { get; init; }

    public int? BestOf { get; init; }

    public string? Suffix { get; init; }
}
