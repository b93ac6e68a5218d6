using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Inference.Serving;
using Rebound.Server.OpenAi;
using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>Loading, load, clients that go away, and the end.</summary>
public sealed class ServerOperationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    public ServerOperationTests() => TestModels.WriteTalkative(Model);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Model => Path.Combine(_folder, "model");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Until_the_model_is_there_all_that_is_said_is_that_it_is_being_loaded()
    {
        await using var server = await ModelServer.StartAsync(new ServerOptions { Port = 0 }, Cancellation);
        using var http = new HttpClient { BaseAddress = server.Address };

        using var health = await http.GetAsync("health", Cancellation);
        using var models = await http.GetAsync("v1/models", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("Loading model", await health.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, models.StatusCode);
        Assert.Equal("1", models.Headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task A_client_that_goes_away_frees_its_pages()
    {
        await using var server = await RunningServer.StartAsync(Model);
        Assert.Equal("{\"status\":\"ok\"}", await server.Http.GetStringAsync("health", Cancellation));
        using var goes = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, ChatEndpoint.Path.TrimStart('/')) { Content = JsonContent.Create(Endless()) };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, goes.Token);
        await using (var stream = await response.Content.ReadAsStreamAsync(Cancellation))
        {
            await stream.ReadExactlyAsync(new byte[100], Cancellation);
            Assert.Equal(1, server.Models.Engine.Running);
            Assert.InRange(server.Models.Engine.HeldTokens, 1, 1 << 17);
        }

        response.Dispose();
        // Long before the answer would have come to its end.
        while (server.Models.Engine.Running > 0 || server.Models.Engine.HeldTokens > 0)
        {
            await Task.Delay(5, Cancellation);
        }

        var metrics = await server.Http.GetStringAsync("metrics", Cancellation);
        Assert.Contains("vllm:request_success_total{model_name=\"model\",finished_reason=\"abort\"} 1", metrics);
    }

    [Fact]
    public async Task More_than_can_wait_is_told_to_come_again()
    {
        await using var server = await RunningServer.StartAsync(
            Model, options: new ServerOptions { MaxWaiting = 1 }, models: new ServedModelsOptions { MaxSequences = 1 });
        using var one = await BeginAsync(server);
        var two = server.Http.PostAsync(ChatEndpoint.Path, JsonContent.Create(Endless("max_tokens", 1)), Cancellation);
        while (server.Models.Engine.Waiting == 0)
        {
            await Task.Delay(5, Cancellation);
        }

        using var three = await server.Http.PostAsync(ChatEndpoint.Path, JsonContent.Create(Endless()), Cancellation);
        var tooMany = await server.PostAsync(ChatEndpoint.Path, Endless("n", 3));
        one.Dispose();
        using var answered = await two;

        Assert.Equal(HttpStatusCode.TooManyRequests, three.StatusCode);
        Assert.Equal("1", three.Headers.RetryAfter?.ToString());
        Assert.Contains("2 answers are generated or wait, and 2 may", await three.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(400, tooMany.Status);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_ended()
    {
        await using var server = await RunningServer.StartAsync(
            Model, options: new ServerOptions { RequestTimeout = TimeSpan.FromMilliseconds(300) });

        var (status, body) = await server.PostAsync(ChatEndpoint.Path, Endless("stream", false));

        Assert.Equal((504, "timeout"), (status, (string?)body["error"]!["code"]));
    }

    [Fact]
    public async Task Stopping_lets_the_requests_that_run_end()
    {
        await using var server = await RunningServer.StartAsync(Model);
        using var response = await BeginAsync(server, "max_tokens", 200);

        var stopping = server.Server.StopAsync();
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        await stopping;

        Assert.EndsWith("data: [DONE]\n\n", text);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Http.GetAsync("health", Cancellation));
    }

    [Fact]
    public async Task Requests_that_do_not_end_in_time_are_ended_with_the_server()
    {
        await using var server = await RunningServer.StartAsync(Model, options: new ServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        using var response = await BeginAsync(server);

        await server.Server.StopAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Bodies_and_headers_are_bounded()
    {
        await using var server = await RunningServer.StartAsync(Model, options: new ServerOptions { MaxBodyBytes = 1000 });

        using var large = await server.Http.PostAsync(ChatEndpoint.Path, new StringContent(new string(' ', 2000)), Cancellation);
        using var headers = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        headers.Headers.Add("X-Long", new string('x', 40_000));
        using var refused = await server.Http.SendAsync(headers, Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        var said = await large.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("request_too_large", said);
        Assert.Contains("larger than the 1,000 bytes", said);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, refused.StatusCode);
    }

    [Theory]
    [InlineData("Host", "evil.example", 403)]
    [InlineData("Host", "localhost", 200)]
    [InlineData("Host", "model.lan", 200)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "own", 200)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task Pages_of_other_sites_may_not_use_it(string header, string value, int status)
    {
        await using var server = await RunningServer.StartAsync(Model, options: new ServerOptions { AllowedHosts = ["model.lan"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        request.Headers.Add(header, value == "own" ? server.Server.Address.GetLeftPart(UriPartial.Authority) : value);

        using var response = await server.Http.SendAsync(request, Cancellation);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong", 401)]
    [InlineData("Basic secret", 401)]
    [InlineData("Bearer secret", 200)]
    public async Task A_key_is_asked_for_where_there_is_one(string? authorization, int status)
    {
        await using var server = await RunningServer.StartAsync(Model, options: new ServerOptions { ApiKey = "secret" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);

        using var response = await server.Http.SendAsync(request, Cancellation);
        using var health = await server.Http.GetAsync("health", Cancellation);
        using var look = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "health"), Cancellation);
        using var wary = await server.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, "v1/models") { Headers = { Authorization = request.Headers.Authorization } }, Cancellation);

        Assert.Equal((HttpStatusCode.OK, status), (look.StatusCode, (int)wary.StatusCode));
        Assert.Empty(await wary.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 401, (await response.Content.ReadAsStringAsync(Cancellation)).Contains("invalid_api_key", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task What_there_is_not_is_an_error_in_shape()
    {
        await using var server = await RunningServer.StartAsync(Model);

        using var absent = await server.Http.GetAsync("v1/embeddings", Cancellation);
        using var method = await server.Http.GetAsync("v1/chat/completions", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        foreach (var response in new[] { absent, method })
        {
            Assert.NotNull((string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!["message"]);
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    /// <summary>A streamed request for an answer that ends with the context, unless it is told otherwise.</summary>
    private static JsonObject Endless(params object[] members)
    {
        var request = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 1,
            ["ignore_eos"] = true,
            ["stream"] = true,
        };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]] = JsonValue.Create(member[1]);
        }

        return request;
    }

    /// <summary>A response whose first bytes have come.</summary>
    private static async Task<HttpResponseMessage> BeginAsync(RunningServer server, params object[] members)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ChatEndpoint.Path.TrimStart('/'))
        {
            Content = new StringContent(Endless(members).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
