using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Gateway.Tests;

public sealed class PassingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_reaches_the_upstream_and_comes_back_as_it_is()
    {
        var (seen, hosts) = (new List<string>(), new HashSet<string?>());
        await using var running = await RunningGateway.StartAsync(async (_, context) =>
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, Cancellation);
            lock (seen)
            {
                seen.Add(
                    $"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.Headers["Authorization"]} "
                    + $"{context.Request.Headers["X-Own"]} {Convert.ToHexString(body.ToArray())}");
                hosts.Add(context.Request.Headers["Host"]);
            }

            context.Response.AddHeader("X-Answer", "yes");
            await LocalServer.Say(context, 418, "teapot", "text/plain");
        });
        var bytes = new byte[] { 0, 255, 7 };
        foreach (var (method, path) in new[] { ("GET", "v1/models"), ("DELETE", "v1/files/a%20b?x=1%2B1"), ("PUT", "odd/path"), ("PATCH", "v1") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer sk-secret-key-123");
            request.Headers.TryAddWithoutValidation("X-Own", "mine");
            request.Content = method == "GET" ? null : new ByteArrayContent(bytes);
            using var response = await running.Http.SendAsync(request, Cancellation);

            Assert.Equal((HttpStatusCode)418, response.StatusCode);
            Assert.Equal("teapot", await response.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal("yes", Assert.Single(response.Headers.GetValues("X-Answer")));
        }

        Assert.Equal(
            [
                "GET /v1/models Bearer sk-secret-key-123 mine ",
                "DELETE /v1/files/a%20b?x=1%2B1 Bearer sk-secret-key-123 mine 00FF07",
                "PUT /v1/odd/path Bearer sk-secret-key-123 mine 00FF07",
                "PATCH /v1 Bearer sk-secret-key-123 mine 00FF07",
            ],
            seen);
        Assert.Equal([running.Upstream.Address.Authority], hosts);
        var (counts, rows) = await running.StopAsync();
        Assert.Empty(rows);
        Assert.Equal(4, counts.Others);
    }

    [Fact]
    public async Task Keys_are_passed_on_and_kept_nowhere()
    {
        string? key = null;
        await using var running = await RunningGateway.StartAsync((_, context) =>
        {
            key = $"{context.Request.Headers["Authorization"]} {context.Request.Headers["api-key"]} {context.Request.QueryString["key"]}";
            return Talk.AnswerAsync(context, "answer", Talk.Assistant("Hello."));
        });

        using var response = await running.PostAsync(
            "v1/chat/completions?key=secret-in-query", new JsonObject { ["messages"] = Talk.Of(Talk.User("Hi")) },
            "Authorization: Bearer secret-bearer", "api-key: secret-header", "Rebound-Conversation: mine");
        var (_, rows) = await running.StopAsync();

        Assert.Equal("Bearer secret-bearer secret-header secret-in-query", key);
        Assert.Single(rows);
        foreach (var file in Directory.GetFiles(running.Folder).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("secret", await File.ReadAllTextAsync(file, Cancellation));
        }

        Assert.DoesNotContain(running.Notes, note => note.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_comes_as_it_is_sent_and_is_in_the_journal_before_its_end_comes()
    {
        var hasFirst = new TaskCompletionSource();
        await using var running = await RunningGateway.StartAsync(async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.SendChunked = true;
            async Task Send(string text)
            {
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text), Cancellation);
                await context.Response.OutputStream.FlushAsync(Cancellation);
            }

            await Send(Talk.Event("slow", new JsonObject { ["content"] = "Hel" }));
            await hasFirst.Task;
            await Send(Talk.Event("slow", new JsonObject { ["content"] = "lo." }, "stop"));
            // In two parts, and then never an end.
            await Send("data: [DO");
            await Send("NE]\n\n");
            await new TaskCompletionSource().Task.WaitAsync(Cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent(new JsonObject { ["messages"] = Talk.Of(Talk.User("Hi")) }.ToJsonString()),
        };
        using var response = await running.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));

        Assert.Contains("Hel", await reader.ReadLineAsync(Cancellation));
        hasFirst.SetResult();
        while (await reader.ReadLineAsync(Cancellation) is { } line && line != "data: [DONE]")
        {
        }

        var journal = new FileStream(Path.Combine(running.Folder, "journal.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var kept = new StreamReader(journal);
        Assert.Contains("Hello.", await kept.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task A_client_that_leaves_is_left_by_the_gateway()
    {
        var left = new TaskCompletionSource();
        await using var running = await RunningGateway.StartAsync(async (_, context) =>
        {
            try
            {
                await LocalServer.SayWithoutEnd(
                    context, "text/event-stream", "", Talk.Event("endless", new JsonObject { ["content"] = new string('a', 4000) }));
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                left.SetResult();
            }
        });
        using (var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions"))
        {
            request.Content = new StringContent(new JsonObject { ["messages"] = Talk.Of(Talk.User("Hi")) }.ToJsonString());
            using var response = await running.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
            await reader.ReadLineAsync(Cancellation);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        var (counts, rows) = await running.StopAsync();
        Assert.Empty(rows);
        Assert.Equal("the client left before its answer had ended", Assert.Single(counts.Failed).Key);
    }

    [Theory]
    [InlineData("application/json", "{\"choices\": [")]
    public async Task An_answer_that_is_cut_off_is_cut_off_for_the_client_too(string kind, string beginning)
    {
        await using var running = await RunningGateway.StartAsync((_, context) => LocalServer.Cut(context, beginning));

        using var response = await running.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
            {
                Content = new StringContent(new JsonObject { ["messages"] = Talk.Of(Talk.User("Hi")) }.ToJsonString()),
            },
            HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal(kind, response.Content.Headers.ContentType?.MediaType);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation));
        var (counts, rows) = await running.StopAsync();
        Assert.Empty(rows);
        Assert.Equal("the answer was cut off", Assert.Single(counts.Failed).Key);
    }

    [Fact]
    public async Task An_upstream_that_is_not_there_is_said_in_a_sentence()
    {
        await using var running = await RunningGateway.StartAsync(
            (_, _) => Task.CompletedTask, options => options with { Upstream = new Uri("http://127.0.0.1:9/v1") });

        using var response = await running.PostAsync("v1/chat/completions", new JsonObject { ["messages"] = Talk.Of(Talk.User("Hi")) });

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        Assert.StartsWith("http://127.0.0.1:9/v1 cannot be reached: ", (string?)error["message"]);
        var (counts, _) = await running.StopAsync();
        Assert.Equal("the upstream cannot be reached", Assert.Single(counts.Failed).Key);
    }

    [Fact]
    public async Task Pages_of_other_sites_and_names_of_others_are_refused()
    {
        await using var running = await RunningGateway.StartAsync((_, context) => LocalServer.Say(context, 200, "{}"));

        using var page = await running.PostAsync("v1/chat/completions", new JsonObject(), "Origin: https://evil.example");
        using var named = await running.PostAsync("v1/feedback", new JsonObject(), "Host: evil.example");

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], [page.StatusCode, named.StatusCode]);
        Assert.Equal(0, running.Upstream.Requests);
    }
}
