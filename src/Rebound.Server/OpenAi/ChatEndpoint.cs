using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatEndpoint(ServerState state)
{
    public const string Path = "/v1/chat/completions";

    public async Task HandleAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<ChatRequest>(context);
        RefusedMembers.Check(request.Others);
        state.Unknown.Note(Path, request.Others);
        using var scope = state.Begin(context, "chat", request.Model, GenerationSettings.Choices(request));
        if (ReasoningEffort.IsLost(request, scope.Choice.Model))
        {
            state.Unknown.Note(Path, ReasoningEffort.Member);
        }

        await AnswerStream.RunAsync(
            context, scope, request,
            () => [ChatPreparation.Prepare(request, scope.Choice, scope.Seed)],
            asked => new ChatWriter(scope, request, asked[0]));
    }
}
