using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
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

    private const string Json = "application/json";
    /// <summary>Bodies are read as JSON whatever they are said to be, as curl's are a form's.</summary>
    private const string Any = "*/*";

    private const string Events = "text/event-stream";

    public static void Map(WebApplication application, ServerState state)
    {
        var (chat, completion, responses) = (new ChatEndpoint(state), new CompletionEndpoint(state), new ResponsesEndpoint(state));
        var (models, tokens, adapters) = (new ModelsEndpoint(state), new TokenizeEndpoint(state), new AdapterEndpoint(state));
        var agents = new AgentEndpoint(state);

        Post<ChatRequest>(application, ChatEndpoint.Path, chat.HandleAsync, "Answer a conversation, whole or as a stream", Json, Events);
        Post<CompletionRequest>(application, CompletionEndpoint.Path, completion.HandleAsync, "Go on with a text", Json, Events);
        Post<ResponsesRequest>(application, ResponsesEndpoint.Path, responses.HandleAsync, "Answer items, or a stream", Json, Events);
        Post<AgentRunRequest>(application, AgentEndpoint.RunPath, agents.RunAsync, "Let an agent work on a question", Json, Events);
        Get(application, AgentEndpoint.Path, agents.ListAsync, "The agents that can be let work", Json);
        Post<TokenizeRequest>(application, TokenizeEndpoint.Path, tokens.TokenizeAsync, "The tokens of a text or a conversation", Json);
        Post<DetokenizeRequest>(application, TokenizeEndpoint.BackPath, tokens.DetokenizeAsync, "The text of tokens", Json);
        Post<AdapterRequest>(application, AdapterEndpoint.LoadPath, adapters.LoadAsync, "Load an adapter", "text/plain");
        Post<AdapterRequest>(application, AdapterEndpoint.UnloadPath, adapters.UnloadAsync, "Unload an adapter", "text/plain");
        Get(application, ModelsEndpoint.Path, models.ListAsync, "The models that requests may name", Json);
        Get(application, ModelsEndpoint.Path + "/{*name}", models.OneAsync, "One of them", Json);
        Get(application, HealthEndpoint.Path, context => HealthEndpoint.HandleAsync(context, state), "Whether the model is there", Json)
            .AllowAnonymous();
        Get(application, MetricsEndpoint.Path, context => MetricsEndpoint.HandleAsync(context, state), "Prometheus's counts", "text/plain");
        application.MapOpenApi(DocumentPath);
    }

    /// <summary>Adds what the document is made of.</summary>
    public static void Describe(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
            options.SerializerOptions.PropertyNamingPolicy = WireJson.Serializer.PropertyNamingPolicy);
        services.AddOpenApi(options =>
        {
            options.AddOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody?.Content?.Remove(Any);
                return Task.CompletedTask;
            });
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Rebound",
                    Version = "1",
                    Description = "A model behind OpenAI's protocol. Members that are not listed are accepted and have no effect.",
                };
                return Task.CompletedTask;
            });
        });
    }

    private static void Post<T>(WebApplication application, string path, RequestDelegate handle, string summary, params string[] answers)
        where T : notnull => Describe(
            application.MapPost(path, Described(handle)).Accepts<T>(Json, Any), summary, answers);

    private static RouteHandlerBuilder Get(
        WebApplication application, string path, RequestDelegate handle, string summary, string answer)
    {
        var endpoint = application.MapGet(path, Described(handle));
        Describe(endpoint, summary, answer);
        return endpoint;
    }

    /// <summary>The same handler, as a delegate that documents know endpoints by.</summary>
    private static Delegate Described(RequestDelegate handle) => async Task (HttpContext context) => await handle(context);

    private static void Describe(RouteHandlerBuilder endpoint, string summary, params string[] answers) => endpoint.WithSummary(summary)
        .Produces(StatusCodes.Status200OK, contentType: answers[0], additionalContentTypes: answers[1..])
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(void), [Json]));
}
