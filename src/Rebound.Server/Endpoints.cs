using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Server.Agents;
using Rebound.Server.Http;
using Rebound.Server.OpenAi;
using Rebound.Server.Serving;
using Rebound.Server.Telemetry;

namespace Rebound.Server;

/// <summary>The server's endpoints, and the OpenAPI document that tells of them.</summary>
internal static class Endpoints
{
    /// <summary>Where the document lies.</summary>
    public const string DocumentPath = "/openapi";

    public static void Map(WebApplication application, ServerState state)
    {
        var (chat, completion, responses) = (new ChatEndpoint(state), new CompletionEndpoint(state), new ResponsesEndpoint(state));
        var (models, tokens, adapters) = (new ModelsEndpoint(state), new TokenizeEndpoint(state), new AdapterEndpoint(state));
        var agents = new AgentEndpoint(state);

        Post<ChatRequest>(application, ChatEndpoint.Path, chat.HandleAsync, "createChatCompletion",
            "Answer a conversation, whole or as a stream", new ApiAnswer(ApiSchemas.ChatCompletion, IsStreamed: true));
        Post<CompletionRequest>(application, CompletionEndpoint.Path, completion.HandleAsync, "createCompletion",
            "Go on with a text", new ApiAnswer(ApiSchemas.Completion, IsStreamed: true));
        Post<ResponsesRequest>(application, ResponsesEndpoint.Path, responses.HandleAsync, "createResponse",
            "Answer items, or a stream", new ApiAnswer(ApiSchemas.Response, IsStreamed: true));
        Post<AgentRunRequest>(application, AgentEndpoint.RunPath, agents.RunAsync, "runAgent",
            "Let an agent work on a question", new ApiAnswer(ApiSchemas.AgentRun, IsStreamed: true));
        Get(application, AgentEndpoint.Path, agents.ListAsync, "listAgents",
            "The agents that can be let work", new ApiAnswer(ApiSchemas.Agents));
        Post<TokenizeRequest>(application, TokenizeEndpoint.Path, tokens.TokenizeAsync, "tokenize",
            "The tokens of a text or a conversation", new ApiAnswer(ApiSchemas.Tokens));
        Post<DetokenizeRequest>(application, TokenizeEndpoint.BackPath, tokens.DetokenizeAsync, "detokenize",
            "The text of tokens", new ApiAnswer(ApiSchemas.Text));
        Post<AdapterRequest>(application, AdapterEndpoint.LoadPath, adapters.LoadAsync, "loadAdapter",
            "Load an adapter", new ApiAnswer(null));
        Post<AdapterRequest>(application, AdapterEndpoint.UnloadPath, adapters.UnloadAsync, "unloadAdapter",
            "Unload an adapter", new ApiAnswer(null));
        Get(application, ModelsEndpoint.Path, models.ListAsync, "listModels",
            "The models that requests may name", new ApiAnswer(ApiSchemas.Models));
        Get(application, ModelsEndpoint.Path + "/{*name}", models.OneAsync, "retrieveModel",
            "One of them", new ApiAnswer(ApiSchemas.Model));
        Get(application, HealthEndpoint.Path, context => HealthEndpoint.HandleAsync(context, state), "health",
            "Whether the model is there", new ApiAnswer(ApiSchemas.Health), isOpen: true);
        Get(application, MetricsEndpoint.Path, context => MetricsEndpoint.HandleAsync(context, state), "metrics",
            "Prometheus's counts", new ApiAnswer(null));
        application.MapOpenApi(DocumentPath);
    }

    /// <summary>Adds what the document is made of.</summary>
    /// <param name="hasKey">Whether requests have to bring a key.</param>
    public static void Describe(IServiceCollection services, bool hasKey)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = WireJson.Serializer.PropertyNamingPolicy;
            options.SerializerOptions.NumberHandling = WireJson.Serializer.NumberHandling;
        });
        services.AddOpenApi(new ApiDocument(hasKey).Configure);
    }

    private static void Post<T>(
        WebApplication application, string path, RequestDelegate handle, string name, string summary, ApiAnswer answer)
        where T : notnull =>
        application.MapPost(path, Described(handle)).Accepts<T>("application/json", ApiDocument.AnyBody)
            .WithName(name).WithSummary(summary).WithMetadata(answer);

    /// <param name="isOpen">Whether it is answered without a key.</param>
    private static void Get(
        WebApplication application, string path, RequestDelegate handle, string name, string summary, ApiAnswer answer, bool isOpen = false)
    {
        var read = application.MapGet(path, Described(handle)).WithName(name).WithSummary(summary).WithMetadata(answer);
        var look = application.MapMethods(path, [HttpMethods.Head], handle);
        if (isOpen)
        {
            read.AllowAnonymous();
            look.AllowAnonymous();
        }
    }

    /// <summary>The same handler, as a delegate that documents know endpoints by.</summary>
    private static Delegate Described(RequestDelegate handle) => async Task (HttpContext context) => await handle(context);
}
