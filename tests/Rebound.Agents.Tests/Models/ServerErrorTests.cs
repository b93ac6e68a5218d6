using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Testing;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tests.Models;

/// <summary>What servers say instead of an answer, and what comes of it.</summary>
public sealed class ServerErrorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("404", "model 'x' not found, try pulling it first")]
    [InlineData("nopath", "Unexpected endpoint or method", false)]
    [InlineData("400detail", "body.messages: field required")]
    [InlineData("400errors", "the model is bad")]
    [InlineData("400list", "first is wrong; second is wrong")]
    [InlineData("400message", "just a message")]
    [InlineData("400nested", "body.messages.0: too deep")]
    [InlineData("400plain", "plain words of a proxy")]
    [InlineData("400html", "Bad gateway words")]
    [InlineData("400empty", "the server answered 400 (Bad Request)")]
    [InlineData("429quota", "You exceeded your current quota")]
    [InlineData("500ctx", "Context size has been exceeded")]
    [InlineData("400big", "max_tokens is too large: 64")]
    [InlineData("400ctx", "maximum context length is 16 tokens")]
    public async Task A_refusal_ends_the_request_at_once_in_the_servers_words(string mode, string sentence, bool streams = true)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server.Address, mode);

        Assert.Contains(sentence, (await FailAsync(pool, stream: false)).Message);
        Assert.Contains(sentence, (await FailAsync(pool, streams)).Message);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(mode is "400ctx" or "500ctx", pool.Broken is null);
    }

    [Theory]
    [InlineData("err200", false, "the server answered 503 (model is loading)")]
    [InlineData("err200text", false, "no slot is free")]
    [InlineData("errchoice", false, "provider is down")]
    [InlineData("503", false, "503 (Loading model)")]
    [InlineData("nochoices", false, "the server's answer has no choices")]
    [InlineData("nullchoices", false, "the server's answer has no choices")]
    [InlineData("text", false, "the server's answer is not the JSON that OpenAI's protocol has: hello")]
    [InlineData("html", false, "502 Bad Gateway")]
    [InlineData("firsterr", true, "upstream overloaded")]
    [InlineData("errevent", true, "upstream overloaded")]
    [InlineData("nochoices", true, "the server's answer has no choices")]
    public async Task A_failure_that_may_pass_is_tried_again_and_then_told_in_the_servers_words(string mode, bool stream, string sentence)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server.Address, mode);

        Assert.Contains(sentence, (await FailAsync(pool, stream)).Message);
        Assert.Equal(3, server.Requests.Count);
        Assert.Null(pool.Broken);
    }

    [Theory]
    [InlineData("miderr")]
    [InlineData("midchoice")]
    public async Task An_error_in_the_middle_of_a_stream_is_the_servers_not_the_answers(string mode)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server.Address, mode);

        var error = await FailAsync(pool, stream: true);

        Assert.Contains("broke off", error.Message);
        Assert.Contains("upstream overloaded", error.Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/v1", "http://127.0.0.1:1 refuses the connection: is the server running, and is the port right?")]
    [InlineData("http://user:secret@127.0.0.1:1/v1?key=secret", "http://127.0.0.1:1 refuses the connection")]
    [InlineData("http://no-such-host.invalid/v1", "there is no host no-such-host.invalid")]
    public async Task A_server_that_is_not_there_is_said_at_once(string address, string sentence)
    {
        using var pool = Pool(new Uri(address), "m", attempts: 50, TimeSpan.FromMinutes(10));

        Assert.Contains(sentence, (await FailAsync(pool, stream: false)).Message);
        Assert.Contains(sentence, pool.Broken!.Message);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_or_is_not_there_is_left_for_another()
    {
        await using var server = new MisbehavingServer();
        await using var refusing = new LocalServer((_, context) => LocalServer.Say(context, 401, """{"error": {"message": "bad key"}}"""));
        var addresses = new[] { new Uri("http://127.0.0.1:1"), refusing.Address, server.Address };
        using var pool = new EndpointPool(
            addresses.Select(address => new Endpoint(address, null).CreateClient("m", TimeSpan.FromSeconds(30))), attempts: 2,
            TimeSpan.FromMinutes(10), TimeProvider.System);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(
                MisbehavingServer.Good, (await pool.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation)).Text);
        }

        Assert.Equal((1, 3), (refusing.Requests, server.Requests.Count));
        Assert.Null(pool.Broken);
    }

    [Fact]
    public async Task One_bad_request_after_answers_is_no_reason_to_stop()
    {
        await using var server = new LocalServer((number, context) => number == 1
            ? LocalServer.Say(context, 400, """{"error": {"message": "this image is bad"}}""")
            : ChatServer.Say(context, "here"));
        using var pool = Pool(server.Address, "m");

        await pool.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);
        Assert.Contains("this image is bad", (await FailAsync(pool, stream: false)).Message);

        Assert.Null(pool.Broken);
    }

    [Fact]
    public async Task A_server_on_another_address_is_named()
    {
        await using var server = new LocalServer((_, context) =>
        {
            context.Response.Headers["Location"] = "https://example.org/v1";
            return LocalServer.Say(context, 307, "");
        });
        using var pool = Pool(server.Address, "m");

        Assert.Contains("307 (it sends on to https://example.org/v1", (await FailAsync(pool, stream: false)).Message);
    }

    [Theory]
    [InlineData("429s")]
    [InlineData("429ms")]
    [InlineData("429date")]
    public async Task A_server_that_asks_to_be_left_alone_is_asked_again_after_it(string mode)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server.Address, mode, attempts: 3, TimeSpan.FromMinutes(10));

        var response = await pool.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);

        Assert.Equal((MisbehavingServer.Good, 2), (response.Text, server.Requests.Count));
    }

    [Fact]
    public async Task A_rest_longer_than_any_that_is_kept_is_said()
    {
        await using var server = new MisbehavingServer();
        var told = new List<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var pool = Pool(server.Address, "429long", tell: sentence =>
        {
            told.Add(sentence);
            stop.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            pool.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: stop.Token));

        Assert.Equal(
            "A server asks to be left alone for 7200 s (the server answered 429 (slow down)); it is asked again after 300 s.",
            Assert.Single(told));
    }

    private static Task<ModelException> FailAsync(EndpointPool pool, bool stream) => Assert.ThrowsAsync<ModelException>(() => stream
        ? pool.GetStreamingResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation).ToChatResponseAsync(Cancellation)
        : pool.GetResponseAsync([new(ChatRole.User, "q")], new ChatOptions { MaxOutputTokens = 64 }, Cancellation));

    private static EndpointPool Pool(
        Uri address, string model, int attempts = 3, TimeSpan? rest = null, Action<string>? tell = null) => new(
        [new Endpoint(address, null).CreateClient(model, TimeSpan.FromSeconds(30))], attempts, rest ?? TimeSpan.FromMilliseconds(1),
        TimeProvider.System, null, tell);
}
