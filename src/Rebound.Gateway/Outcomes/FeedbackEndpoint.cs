using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rebound.Gateway.Keeping;
using Rebound.Server.Http;
using Rebound.Traces.Otlp;

namespace Rebound.Gateway.Outcomes;

/// <summary><c>POST /v1/feedback</c>: takes an outcome of an answer or a conversation.</summary>
internal sealed class FeedbackEndpoint(ConversationStore store, OutcomeReading outcomes)
{
    public const string Path = "/v1/feedback";

    public async Task HandleAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<FeedbackRequest>(context);
        if (request.Others?.Keys.FirstOrDefault() is { } unknown)
        {
            throw ApiException.Invalid(
                unknown, $"There is no member '{unknown}'; there are conversation_id, response_id, outcome, explanation and cause.");
        }

        if (request is not ({ ConversationId: { Length: > 0 }, ResponseId: null } or { ConversationId: null, ResponseId.Length: > 0 }))
        {
            throw ApiException.Invalid(
                "conversation_id",
                "Name the conversation as 'conversation_id', which each answer has in the header Rebound-Conversation, or the answer as "
                    + "'response_id'.");
        }

        var told = new[] { request.Outcome, request.Success, request.Label, request.Reward, request.Score }
            .FirstOrDefault(value => value is { ValueKind: not JsonValueKind.Null });
        if (told is null || outcomes.Read(TraceValues.Node(told.Value)) is not { } reward)
        {
            throw ApiException.Invalid("outcome", $"'outcome' must be {outcomes.Allowed}.");
        }

        var (id, isConversation) = request.ConversationId is { } conversation ? (conversation, true) : (request.ResponseId!, false);
        if (store.Tell(id, isConversation, reward, request.Explanation, request.Cause) is { } problem)
        {
            throw ApiException.NotFound("not_found", problem);
        }

        await Responses.WriteAsync(context, new JsonObject { ["id"] = id, ["reward"] = reward });
    }
}
