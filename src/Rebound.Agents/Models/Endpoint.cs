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
    /// <summary>A client for one model, which asks once and tries nothing again: <see cref="EndpointPool"/> does that.</summary>
    /// <param name="patience">How long an answer may take.</param>
    public IChatClient CreateClient(string model, TimeSpan patience) => new ChatClient(
        model,
        new ApiKeyCredential(Key?.Reveal() ?? "none"),
        new OpenAIClientOptions
        {
            Endpoint = Address,
            NetworkTimeout = patience,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        }).AsIChatClient();
}
