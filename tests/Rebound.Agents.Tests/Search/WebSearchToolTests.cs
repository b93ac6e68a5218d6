using System.Net;
using System.Text.Json.Nodes;
using Rebound.Agents.Models;
using Rebound.Agents.Search;
using Rebound.Agents.Tools;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Search;

public sealed class WebSearchToolTests : IDisposable
{
    private const string Key = "secret-key-1234";
    private const string Answer = """
        {"organic": [
            {"title": "A", "snippet": "Something else entirely.", "link": "http://a.example/"},
            {"title": "B", "snippet": "No text here either."},
            {"title": "C"},
            {"title": "D", "snippet": "The Danube flows into the Black Sea.", "link": "http://d.example/"},
            {"title": "E", "snippet": "The Rhine is a river."}
        ]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-web-").FullName;
    private readonly HttpClient _http = new();
    private readonly HttpClient _pages = PublicHttp.CreateClient();

    public void Dispose()
    {
        _http.Dispose();
        _pages.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Results_are_ranked_again_and_cached()
    {
        string? key = null;
        JsonNode? asked = null;
        await using var server = new LocalServer(async (_, context) =>
        {
            key = context.Request.Headers["X-API-KEY"];
            asked = await JsonNode.ParseAsync(context.Request.InputStream);
            await LocalServer.Say(context, 200, Answer);
        });
        using var cache = new SearchCache(Path.Combine(_folder, "cache.db"));
        var tool = Tool(server, cache);

        var first = await tool.InvokeAsync("Which river flows into the Black Sea?", TestContext.Current.CancellationToken);
        var second = await tool.InvokeAsync("Which river flows into the Black Sea?", TestContext.Current.CancellationToken);

        Assert.Equal(" #1: The Danube flows into the Black Sea. #2: The Rhine is a river. #3: Something else entirely.", first);
        Assert.Equal(first, second);
        Assert.Equal((1, Key), (server.Requests, key));
        Assert.Equal("""{"q":"Which river flows into the Black Sea?","num":10}""", asked!.ToJsonString());
        Assert.DoesNotContain(Key, await File.ReadAllTextAsync(Path.Combine(_folder, "cache.db"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failing_server_is_asked_again()
    {
        await using var server = new LocalServer((number, context) => number switch
        {
            0 => LocalServer.Say(context, 429, ""),
            1 => LocalServer.Say(context, 503, "busy"),
            2 => LocalServer.Cut(context, "{"),
            _ => LocalServer.Say(context, 200, Answer),
        });

        Assert.StartsWith(" #1: The Danube", await Tool(server).InvokeAsync("Danube", TestContext.Current.CancellationToken));
        Assert.Equal(4, server.Requests);
    }

    [Theory]
    [InlineData(403, """{"message": "Unauthorized."}""", 1, "answered 403")]
    [InlineData(500, "", 4, "answered 500")]
    [InlineData(200, "<html>not JSON", 1, "could not be asked")]
    public async Task What_does_not_pass_is_a_tool_error_without_the_key(int status, string text, int requests, string expected)
    {
        await using var server = new LocalServer((_, context) => LocalServer.Say(context, status, text));

        var error = await Assert.ThrowsAsync<ToolException>(() => Tool(server).InvokeAsync("x", TestContext.Current.CancellationToken));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain(Key, error.ToString());
        Assert.Equal(requests, server.Requests);
    }

    [Fact]
    public async Task Pages_are_read_for_better_passages()
    {
        await using var pages = new LocalServer((_, context) => LocalServer.Say(
            context, 200, "<html><head><title>x</title></head><body><p>Menu</p><script>x</script><p>The longest river of the whole Union is the Volga &amp; it ends in the Caspian Sea.</p>", "text/html"));
        await using var server = new LocalServer((_, context) => LocalServer.Say(
            context, 200, new JsonObject { ["organic"] = new JsonArray(new JsonObject { ["title"] = "V", ["snippet"] = "Rivers.", ["link"] = pages.Address.ToString() }) }.ToJsonString()));
        using var local = PublicHttp.CreateClient(_ => true);

        var found = await Tool(server, pages: local, read: 1).InvokeAsync("longest river Volga", TestContext.Current.CancellationToken);

        Assert.Equal(" #1: The longest river of the whole Union is the Volga & it ends in the Caspian Sea. #2: Rivers.", found);
    }

    [Fact]
    public async Task Pages_on_private_addresses_are_never_reached()
    {
        await using var secret = new LocalServer((_, context) => LocalServer.Say(context, 200, "the secret text of this very machine that no agent should ever see", "text/plain"));
        await using var redirect = new LocalServer((_, context) =>
        {
            context.Response.Redirect(secret.Address.ToString());
            context.Response.Close();
            return Task.CompletedTask;
        });

        // The first server may be reached, as if it were public; where it leads to may not.
        using var http = PublicHttp.CreateClient();
        using var first = PublicHttp.CreateClient(new FirstOnly().Allows);

        Assert.Null(await PageText.FetchAsync(http, secret.Address.ToString(), TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(http, $"http://localhost:{secret.Address.Port}/", TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(http, $"http://[::ffff:127.0.0.1]:{secret.Address.Port}/", TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(first, redirect.Address.ToString(), TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(http, "file:///etc/passwd", TestContext.Current.CancellationToken));
        Assert.Equal((0, 1), (secret.Requests, redirect.Requests));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Public_addresses_are_told_from_others(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddresses.Contains(IPAddress.Parse(address)));

    [Fact]
    public void A_key_is_never_printed()
    {
        var key = new ApiKey(Key);

        Assert.Equal("***", $"{key}");
        Assert.Equal(Key, key.Reveal());
        Assert.DoesNotContain("a b", Assert.Throws<ArgumentException>(() => new ApiKey("a b")).Message);
    }

    private WebSearchTool Tool(LocalServer server, SearchCache? cache = null, HttpClient? pages = null, int read = 0) => new(
        _http, pages ?? _pages, new ApiKey(Key), cache, new CallPacer(10_000, TimeProvider.System),
        new WebSearchOptions { Endpoint = server.Address, FirstDelay = TimeSpan.FromMilliseconds(1), Retries = 3, PagesToRead = read },
        TimeProvider.System);

    /// <summary>Allows the first connection and no other.</summary>
    private sealed class FirstOnly
    {
        private int _asked;

        public bool Allows(IPAddress address) => Interlocked.Increment(ref _asked) == 1;
    }
}
