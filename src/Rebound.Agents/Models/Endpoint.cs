using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Rebound.Agents.Models.Protocol;

namespace Rebound.Agents.Models;

/// <summary>A server that speaks OpenAI's chat protocol.</summary>
/// <param name="Address">
/// The base of its paths, for example <c>https://api.openai.com/v1</c>, or the path of its chat completions; a query is kept.
/// </param>
/// <param name="Key">Null for a server that asks for none.</param>
public sealed record Endpoint(Uri Address, ApiKey? Key)
{
    private const string Completions = "/chat/completions";

    /// <summary>Bytes of an answer, whole or with all its events; the longest answers of models take a tenth of it.</summary>
    private const long LongestAnswer = 32L << 20;

    /// <summary>One for all endpoints, as connections are kept by server. Proxies are those that the environment names.</summary>
    private static readonly BoundedAnswers Connections =
        new(new SocketsHttpHandler { AllowAutoRedirect = false }, LongestAnswer, boundsEvents: false);

    /// <summary>Members that are added to every request, replacing ours; null for none.</summary>
    public JsonObject? ExtraBody { get; init; }

    /// <summary>Told in a sentence which parameters the server rejects; null for none.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Where answers are asked for.</summary>
    internal Uri CompletionsAddress { get; } = new UriBuilder(Address)
    {
        Path = $"{WithoutSuffix(Address.AbsolutePath.TrimEnd('/'))}{Completions}",
        Fragment = "",
    }.Uri;

    /// <summary>Whether the key goes into a header of its own, as Azure's do; its tokens of a person do not.</summary>
    internal bool TakesKeyInHeader =>
        (Address.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase)
            || Address.Query.Contains("api-version=", StringComparison.OrdinalIgnoreCase))
        && Key?.Reveal().StartsWith("eyJ", StringComparison.Ordinal) != true;

    /// <summary>
    /// A client for one model, which asks once and tries nothing again: <see cref="EndpointPool"/> does that. What the model thinks is a
    /// <see cref="TextReasoningContent"/>, what it calls a <see cref="FunctionCallContent"/>, and what it declines with an
    /// <see cref="ErrorContent"/> of the code <c>Refusal</c>.
    /// </summary>
    /// <param name="patience">How long an answer may take, or each piece of one that is streamed.</param>
    public IChatClient CreateClient(string model, TimeSpan patience) => new PatientModel(
        new ReasoningModel(new RefusalModel(new WrittenCallModel(new ChatClient(
            model,
            new ApiKeyCredential(Key?.Reveal() ?? "none"),
            new OpenAIClientOptions
            {
                Endpoint = Address,
                NetworkTimeout = patience,
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                Transport = new HttpClientPipelineTransport(CreateHttp()),
            }).AsIChatClient()))),
        patience);

    private HttpClient CreateHttp() =>
        new(new ProtocolHandler(this, new ServerDialect(Address, ExtraBody, Tell), Connections, TimeProvider.System), disposeHandler: false)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    private static string WithoutSuffix(string path) =>
        path.EndsWith(Completions, StringComparison.OrdinalIgnoreCase) ? path[..^Completions.Length] : path;
}
