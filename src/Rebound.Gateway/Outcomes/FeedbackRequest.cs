using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rebound.Gateway.Outcomes;

/// <summary>The body of <c>POST /v1/feedback</c>.</summary>
internal sealed record FeedbackRequest
{
    /// <summary>As the header <c>Rebound-Conversation</c> has it.</summary>
    public string? ConversationId { get; init; }

    /// <summary>As the upstream named its answer.</summary>
    public string? ResponseId { get; init; }

    /// <summary>True or false, a number, or a word; <c>success</c>, <c>label</c>, <c>reward</c> and <c>score</c> say the same.</summary>
    public JsonElement? Outcome { get; init; }

    public JsonElement? Success { get; init; }

    public JsonElement? Label { get; init; }

    public JsonElement? Reward { get; init; }

    public JsonElement? Score { get; init; }

    public string? Explanation { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Cause { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}
