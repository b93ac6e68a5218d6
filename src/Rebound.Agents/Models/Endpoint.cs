using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Rebound.Agents.Models;

/// <summary>A server that speaks OpenAI's chat protocol.</summary>
/// <param name="Address">The base of its paths, for example <c>https://api.openai.com/v1</c>.</param>
/// <param name="Key">Null for a server that asks for none.</param>
public sealed record Endpoint(Uri Address, ApiKey? Key)
{
    /// <summary>Bytes of an answer, whole or with all its events; the longest answers of models take a tenth of it.</summary>
    private const long LongestAnswer = 32L << 20;

    /// <summary>One for all endpoints, as connections are kept by server.</summary>
    private static readonly HttpClient Http = new(new BoundedAnswers(new SocketsHttpHandler { AllowAutoRedirect = false }, LongestAnswer, boundsEvents: false))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>A client for one model, which asks once and tries nothing again: <see cref="EndpointPool"/> does that.</summary>
    /// <param name="patience">How long an answer may take, or each piece of one that is streamed.</param>
    public IChatClient CreateClient(string model, TimeSpan patience) => new PatientModel(
        new ChatClient(
            model,
            new ApiKeyCredential(Key?.Reveal() ?? "none"),
            new OpenAIClientOptions
            {
                Endpoint = Address,
                NetworkTimeout = patience,
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                Transport = new HttpClientPipelineTransport(Http),
            }).AsIChatClient(),
        patience);
}
