using Rebound.Engine;
using Rebound.Fuzz.Mutation;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.OpenAi;
using Rebound.Testing;

namespace Rebound.Fuzz.Readers;

/// <summary>Bodies of requests to <c>rebound serve</c>, up to what is generated from.</summary>
internal static class ApiReaders
{
    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        Reader("chat-request", (body, models) =>
        {
            var request = RequestBody.Read<ChatRequest>(body);
            ChatPreparation.Prepare(request, models.Enter(request.Model), seed: 1);
        }),
        Reader("completion-request", (body, models) =>
        {
            var request = RequestBody.Read<CompletionRequest>(body);
            CompletionEndpoint.Prepare(request, models.Enter(request.Model).Model, seed: 1);
        }),
        Reader("responses-request", (body, models) =>
        {
            var request = RequestBody.Read<ResponsesRequest>(body);
            var chat = ResponsesInput.ToChat(request, [], out _, out var places);
            places.Telling(() => ChatPreparation.Prepare(chat, models.Enter(request.Model), seed: 1));
        }),
    ];

    private static FuzzReader Reader(string name, Action<byte[], ServedModels> read) =>
        new(name, JsonMutator.Instance, _ => Workbench.Files(name), bench =>
        {
            var folder = bench.At("agent");
            TestModels.Write(folder);
            TestModels.WriteCard(folder);
            var models = ServedModels.Load(folder, [], new CpuBackend(1), new ServedModelsOptions { MaxSequences = 1 });
            return input =>
            {
                try
                {
                    read(input, models);
                }
                catch (ApiException e) when (e.Status < 500)
                {
                    bench.Refuse(e.Message);
                }
                catch (UnknownModelException e)
                {
                    bench.Refuse(e.Message);
                }
            };
        });
}
