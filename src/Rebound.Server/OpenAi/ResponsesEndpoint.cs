using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary><c>POST /v1/responses</c>.</summary>
internal sealed class ResponsesEndpoint(ServerState state)
{
    public const string Path = "/v1/responses";

    private readonly ResponseStore _store = new();

    public async Task HandleAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<ResponsesRequest>(context);
        RefusedMembers.Check(request.Others);
        state.Unknown.Note(Path, request.Others);
        var chat = ResponsesInput.ToChat(request, _store.Find(request.PreviousResponseId), out var messages, out var places);
        using var scope = state.Begin(context, "chat", request.Model, 1);
        if (ReasoningEffort.IsLost(chat, scope.Choice.Model))
        {
            state.Unknown.Note(Path, "reasoning.effort");
        }

        await AnswerStream.RunAsync(
            context, scope, chat,
            () => [places.Telling(() => ChatPreparation.Prepare(chat, scope.Choice, scope.Seed))],
            asked => new ResponsesWriter(scope, request, asked[0], answer =>
            {
                if (request.Store != false)
                {
                    messages.Add(ResponsesInput.Message(answer.Text, answer.Reasoning, answer.Calls));
                    _store.Keep(answer.Id, messages);
                }
            }));
    }
}
