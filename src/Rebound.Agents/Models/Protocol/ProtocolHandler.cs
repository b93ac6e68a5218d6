using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// Stands between the client, which knows OpenAI's protocol to the letter, and a server that speaks it in its own way: sends what the
/// server takes, hands back what the client takes, and tells errors in the server's words.
/// </summary>
internal sealed class ProtocolHandler(Endpoint endpoint, ServerDialect dialect, HttpMessageHandler inner, TimeProvider time)
    : DelegatingHandler(inner)
{
    private const string Events = "text/event-stream";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <exception cref="ServerException">The server reports an error.</exception>
    /// <exception cref="UnreachableServerException">There is no connection.</exception>
    /// <exception cref="InvalidDataException">The server's answer is none.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var written = await request.Content!.ReadAsStreamAsync(cancellationToken);
        var asked = (JsonObject)(await JsonNode.ParseAsync(written, cancellationToken: cancellationToken))!;
        var streams = (bool?)asked["stream"] == true;
        request.RequestUri = endpoint.CompletionsAddress;
        Authorize(request.Headers);
        while (true)
        {
            var adapted = dialect.Adapt(asked);
            request.Content = JsonContent.Create(adapted, Json);
            await request.Content.LoadIntoBufferAsync(cancellationToken);
            var response = await AskAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await TranslateAsync(response, streams, cancellationToken);
            }

            using (response)
            {
                var refusal = await response.Content.ReadAsStringAsync(cancellationToken);
                if (ContentFilters.IsMeant(refusal))
                {
                    return Write(AnswerPiece.Filtered(ServerSentence.Of(refusal)), streams);
                }

                var isOfTheRequest = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;
                if (!isOfTheRequest || !dialect.Learn(adapted, refusal))
                {
                    var rest = RetryAfter.Of(response, time.GetUtcNow());
                    throw new ServerException((int)response.StatusCode, Sentence(response, refusal), rest);
                }
            }
        }
    }

    /// <summary>The server's words, without the key that some repeat.</summary>
    private string Sentence(HttpResponseMessage response, string body)
    {
        var sentence = SentenceOf(response, body);
        return endpoint.Key is { } key ? sentence.Replace(key.Reveal(), key.ToString(), StringComparison.Ordinal) : sentence;
    }

    private static string SentenceOf(HttpResponseMessage response, string body) =>
        response.Headers.Location is { } other ? $"it sends on to {other}: give that address, if it is the server's"
        : ServerSentence.Of(body) is { Length: > 0 } sentence ? sentence
        : response.ReasonPhrase ?? "";

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await base.SendAsync(request, cancellation);
        }
        catch (HttpRequestException e) when (UnreachableServerException.Is(e))
        {
            var (server, way) = (request.RequestUri!, HttpClient.DefaultProxy);
            throw new UnreachableServerException(server, way.IsBypassed(server) ? null : way.GetProxy(server), e);
        }
    }

    private void Authorize(HttpRequestHeaders headers)
    {
        headers.Authorization = null;
        if (endpoint is { Key: { } secret, TakesKeyInHeader: true })
        {
            headers.Add("api-key", secret.Reveal());
        }
        else if (endpoint.Key is { } key)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        }
    }

    /// <summary>An answer as the client asked for it: as events or whole, whichever way the server sent it.</summary>
    private static async Task<HttpResponseMessage> TranslateAsync(
        HttpResponseMessage response, bool streams, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellation);
        var kind = response.Content.Headers.ContentType?.MediaType;
        if (streams && kind is not ("application/json" or "text/html"))
        {
            response.Content = new StreamContent(new ChunkStream(token => AnswerBody.ReadEvents(body, token), body));
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(Events);
            return response;
        }

        using (body)
        {
            return Write(await AnswerBody.ReadWhole(body, isEvents: kind == Events, cancellation), streams);
        }
    }

    private static HttpResponseMessage Write(AnswerPiece answer, bool streams) => new(HttpStatusCode.OK)
    {
        Content = streams
            ? new StringContent($"data: {answer.ToChunk().ToJsonString()}\n\ndata: [DONE]\n\n", new MediaTypeHeaderValue(Events))
            : JsonContent.Create(answer.ToCompletion(), Json),
    };
}
