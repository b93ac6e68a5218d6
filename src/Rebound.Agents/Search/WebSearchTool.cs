using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polly;
using Polly.Timeout;
using Rebound.Agents.Models;
using Rebound.Agents.Tools;
using Rebound.Files.Json;

namespace Rebound.Agents.Search;

/// <summary>
/// The <c>search</c> tool over Serper's web API (serper.dev). Results are ranked again by BM25, since a snippet with the query's rarer
/// words answers it more often than the first one; they are cached, rate-limited, and retried.
/// </summary>
/// <param name="http">Asks the API; its address is fixed.</param>
/// <param name="pages">Reads result pages, whose addresses are anyone's: a client of <see cref="PublicHttp"/>.</param>
/// <param name="cache">Null for none.</param>
public sealed class WebSearchTool(
    HttpClient http, HttpClient pages, ApiKey key, SearchCache? cache, CallPacer pacer, WebSearchOptions options,
    TimeProvider time) : TextTool(
        "search", "searches the web for a query and returns short snippets that may contain the answer", "query", "what to search for")
{
    private readonly ResiliencePipeline<HttpResponseMessage> _retrying =
        RetryPolicy.Create(options.Retries, options.FirstDelay, options.Patience, time);

    public override async Task<string> InvokeAsync(string text, CancellationToken cancellation = default)
    {
        if (cache?.Find(text) is { } known)
        {
            return known;
        }

        var results = await AskAsync(text, cancellation);
        var passages = results.Select(result => result.Passage).ToList();
        foreach (var result in results.Take(options.PagesToRead))
        {
            if (await PageText.FetchAsync(pages, result.Address, options.Patience, cancellation) is { } page)
            {
                passages.AddRange(Passages.Of(result.Passage.Title, page));
            }
        }

        var observation = Passages.Observation(Rank(text, passages));
        cache?.Store(text, observation);
        return observation;
    }

    private List<Passage> Rank(string query, List<Passage> passages)
    {
        using var index = SearchIndex.InMemory(passages);
        var ranked = index.Search(query, options.Results);
        return [.. ranked.Concat(passages.Except(ranked)).Take(options.Results)];
    }

    private async Task<List<(Passage Passage, string Address)>> AskAsync(string query, CancellationToken cancellation)
    {
        try
        {
            using var response = await _retrying.ExecuteAsync(async token => await SendAsync(query, token), cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new ToolException($"the search service answered {(int)response.StatusCode} ({response.ReasonPhrase}).")
                {
                    PublicMessage = $"the search service answered {(int)response.StatusCode}.",
                };
            }

            return Read(StrictJson.ParseNode(await response.Content.ReadAsByteArrayAsync(cancellation), DuplicateNames.LastCounts));
        }
        catch (JsonException e)
        {
            throw new ToolException($"the search service could not be asked: its answer is no JSON, {JsonProblem.Of(e)}.", e)
            {
                PublicMessage = "the search service could not be asked: its answer is no JSON.",
            };
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException)
        {
            throw new ToolException($"the search service could not be asked: {e.Message}", e)
            {
                PublicMessage = "the search service could not be asked.",
            };
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string query, CancellationToken cancellation)
    {
        await pacer.WaitAsync(cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint)
        {
            Content = JsonContent.Create(new JsonObject { ["q"] = query, ["num"] = options.Candidates }),
        };
        request.Headers.Add("X-API-KEY", key.Reveal());
        return await http.SendAsync(request, cancellation);
    }

    private static List<(Passage Passage, string Address)> Read(JsonNode? answer) =>
    [
        .. ((answer as JsonObject)?["organic"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(result => (new Passage(Text(result["title"]), Text(result["snippet"])), Text(result["link"])))
            .Where(result => result.Item1.Text.Length > 0),
    ];

    private static string Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : "";
}
