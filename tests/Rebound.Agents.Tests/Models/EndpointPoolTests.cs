using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Testing;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tests.Models;

public sealed class EndpointPoolTests
{
    private const string Key = "secret-key-5678";

    /// <summary>More than a machine at work on something else takes to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_request_carries_what_was_asked_for()
    {
        JsonNode? request = null;
        string? key = null;
        await using var server = new LocalServer(async (_, context) =>
        {
            (request, key) = (await ChatServer.ReadAsync(context), context.Request.Headers["Authorization"]);
            await ChatServer.Say(context, "Action: finish[1]");
        });
        using var pool = Pool(server);

        var response = await pool.GetResponseAsync(
            [new(ChatRole.System, "s"), new(ChatRole.User, "q")],
            new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 64, StopSequences = ["\nObservation: "] },
            TestContext.Current.CancellationToken);

        Assert.Equal("Action: finish[1]", response.Text);
        Assert.Equal((100, 10), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        Assert.Equal($"Bearer {Key}", key);
        Assert.Equal(
            ("m", 0.5, "\nObservation: "), ((string?)request!["model"], (double)request["temperature"]!, (string?)request["stop"]![0]));
        Assert.Equal(["system", "user"], request["messages"]!.AsArray().Select(message => (string?)message!["role"]));
    }

    [Fact]
    public async Task Failures_that_may_pass_are_tried_again()
    {
        await using var server = new LocalServer((number, context) => number switch
        {
            0 => LocalServer.Say(context, 429, """{"error": {"message": "slow down"}}"""),
            1 => LocalServer.Say(context, 500, "oops"),
            2 => LocalServer.Cut(context, """{"id": "chat-1","""),
            3 => LocalServer.Say(context, 200, "<html>nonsense</html>", "text/html"),
            4 => LocalServer.Say(context, 200, """{"choices": []}"""),
            _ => ChatServer.Say(context, "at last"),
        });
        using var pool = Pool(server);

        Assert.Equal("at last", (await Ask(pool)).Text);
        Assert.Equal(6, server.Requests);
    }

    [Fact]
    public async Task A_server_that_asks_for_an_endless_rest_is_left_for_another()
    {
        await using var tired = new LocalServer((_, context) =>
        {
            context.Response.Headers["Retry-After"] = "1e300";
            return LocalServer.Say(context, 429, """{"error": {"message": "slow down"}}""");
        });
        await using var good = new LocalServer((_, context) => ChatServer.Say(context, "here"));
        using var pool = Pool(tired, good);

        Assert.Equal("here", (await Ask(pool)).Text);
        Assert.Equal((1, 1), (tired.Requests, good.Requests));
    }

    [Fact]
    public async Task A_streamed_answer_comes_in_pieces_after_failures_that_may_pass_and_counts_its_tokens()
    {
        await using var server = new LocalServer((number, context) => number switch
        {
            0 => LocalServer.Say(context, 500, "oops"),
            1 => LocalServer.Say(context, 200, "", "text/event-stream"),
            _ => ChatServer.Stream(context, "at ", "last"),
        });
        using var pool = Pool(server);

        var pieces = new List<string>();
        var usage = 0L;
        await foreach (var update in pool.GetStreamingResponseAsync(
            [new(ChatRole.User, "q")], cancellationToken: TestContext.Current.CancellationToken))
        {
            pieces.Add(update.Text);
            usage += update.Contents.OfType<UsageContent>().Sum(content => content.Details.OutputTokenCount ?? 0);
        }

        Assert.Equal(["at", " last"], pieces.Where(piece => piece.Length > 0));
        Assert.Equal((10, 3), (usage, server.Requests));
    }

    [Fact]
    public async Task A_streamed_answer_that_breaks_off_or_is_refused_is_an_error_of_the_model()
    {
        await using var server = new LocalServer((number, context) => number switch
        {
            0 => LocalServer.Say(
                context, 200,
                "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"a\"}}]}\n\ndata: {nonsense\n\n", "text/event-stream"),
            _ => LocalServer.Say(context, 401, """{"error": {"message": "bad key"}}"""),
        });
        using var pool = Pool(server);

        Assert.Contains("broke off", (await Assert.ThrowsAsync<ModelException>(Stream)).Message);
        Assert.Contains("401", (await Assert.ThrowsAsync<ModelException>(Stream)).Message);

        Task<ChatResponse> Stream() =>
            pool.GetStreamingResponseAsync([new(ChatRole.User, "q")], cancellationToken: TestContext.Current.CancellationToken)
                .ToChatResponseAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Failures_that_will_not_pass_end_at_once_without_the_key()
    {
        await using var server = new LocalServer((_, context) =>
            LocalServer.Say(context, 401, $$$"""{"error": {"message": "bad key {{{Key}}}"}}"""));
        using var pool = Pool(server);

        var error = await Assert.ThrowsAsync<ModelException>(() => Ask(pool));

        Assert.Contains("401 (bad key ***)", error.Message);
        Assert.DoesNotContain(Key, error.ToString());
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_server_that_never_recovers_ends_the_request()
    {
        await using var server = new LocalServer((_, context) => LocalServer.Say(context, 503, "busy"));
        using var pool = Pool(server);

        Assert.Contains("503", (await Assert.ThrowsAsync<ModelException>(() => Ask(pool))).Message);
        Assert.Equal(8, server.Requests);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_left_for_another()
    {
        await using var silent = new LocalServer((_, _) => Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
        await using var good = new LocalServer((_, context) => ChatServer.Say(context, "here"));
        using var pool = new EndpointPool(
            [Client(silent, TimeSpan.FromSeconds(2)), Client(good, Patience)], 8, Patience, TimeProvider.System);

        Assert.Equal("here", (await Ask(pool)).Text);
        Assert.Equal((1, 1), (silent.Requests, good.Requests));
    }

    [Theory]
    [InlineData("application/json", "{\"id\": \"", "xxxxxxxx")]
    [InlineData("application/json", "", "\n\n\n\n\n\n\n\n")]
    [InlineData("text/event-stream", "", ": goes on\n\n")]
    [InlineData("text/event-stream", "data: {\"id\": \"", "xxxxxxxx")]
    [InlineData("text/event-stream", "", "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"        \"}}]}\n\n")]
    public async Task An_answer_without_end_is_given_up(string kind, string beginning, string again)
    {
        await using var server = new LocalServer((_, context) =>
            LocalServer.SayWithoutEnd(
                context, kind, beginning, string.Concat(Enumerable.Repeat(again, 1_000)).Replace("        ", new string('x', 20_000))));
        using var pool = new EndpointPool([Client(server, Patience)], attempts: 1, TimeSpan.FromMilliseconds(1), TimeProvider.System);

        var error = await Assert.ThrowsAsync<ModelException>(() => kind == "application/json" ? Ask(pool) : Stream(pool));

        Assert.Contains("the server's answer is longer than 32 MiB", error.Message);
    }

    [Theory]
    [InlineData("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"a\"}}]}\n\n")]
    [InlineData(": still there\n\n")]
    public async Task A_stream_that_stalls_is_given_up(string beginning)
    {
        await using var server = new LocalServer(async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(beginning));
            while (true)
            {
                await context.Response.OutputStream.WriteAsync(": still there\n\n"u8.ToArray());
                await context.Response.OutputStream.FlushAsync();
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        });
        using var pool = new EndpointPool(
            [Client(server, TimeSpan.FromSeconds(2))], attempts: 1, TimeSpan.FromMilliseconds(1), TimeProvider.System);

        Assert.Contains("the server was silent for 2 s.", (await Assert.ThrowsAsync<ModelException>(() => Stream(pool))).Message);
    }

    [Fact]
    public async Task Requests_are_spread_over_the_endpoints()
    {
        var (first, second) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        await using var one = new LocalServer(async (_, context) => await Meet(context, first, second));
        await using var two = new LocalServer(async (_, context) => await Meet(context, second, first));
        using var pool = Pool(one, two);

        await Task.WhenAll(Ask(pool), Ask(pool));

        Assert.Equal((1, 1), (one.Requests, two.Requests));

        // Neither answers before both were asked.
        static async Task Meet(System.Net.HttpListenerContext context, SemaphoreSlim mine, SemaphoreSlim other)
        {
            mine.Release();
            await other.WaitAsync(TestContext.Current.CancellationToken);
            await ChatServer.Say(context, "ok");
        }
    }

    private static Task<ChatResponse> Ask(EndpointPool pool) =>
        pool.GetResponseAsync([new ChatMessage(ChatRole.User, "q")], cancellationToken: TestContext.Current.CancellationToken);

    private static Task<ChatResponse> Stream(EndpointPool pool) =>
        pool.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "q")], cancellationToken: TestContext.Current.CancellationToken)
            .ToChatResponseAsync(TestContext.Current.CancellationToken);

    private static EndpointPool Pool(params LocalServer[] servers) =>
        new(servers.Select(server => Client(server, Patience)), attempts: 8,
            firstBackoff: TimeSpan.FromMilliseconds(1), TimeProvider.System);

    private static IChatClient Client(LocalServer server, TimeSpan timeout) =>
        new Endpoint(server.Address, new ApiKey(Key)).CreateClient("m", timeout);
}
