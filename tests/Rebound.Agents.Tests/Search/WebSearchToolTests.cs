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

    /// <summary>More than a machine at work on something else takes to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
            context, 200,
            "<html><head><title>x</title></head><body><p>Menu</p><script>x</script><p>The longest river of the whole Union is the Volga "
                + "&amp; it ends in the Caspian Sea.</p>", "text/html"));
        await using var server = new LocalServer((_, context) => LocalServer.Say(
            context, 200,
            new JsonObject
            {
                ["organic"] = new JsonArray(
                    new JsonObject { ["title"] = "V", ["snippet"] = "Rivers.", ["link"] = pages.Address.ToString() }),
            }.ToJsonString()));
        using var local = PublicHttp.CreateClient(_ => true);

        var found = await Tool(server, pages: local, read: 1).InvokeAsync("longest river Volga", TestContext.Current.CancellationToken);

        Assert.Equal(" #1: The longest river of the whole Union is the Volga & it ends in the Caspian Sea. #2: Rivers.", found);
    }

    [Fact]
    public async Task Pages_on_private_addresses_are_never_reached()
    {
        await using var secret = new LocalServer((_, context) =>
            LocalServer.Say(context, 200, "the secret text of this very machine that no agent should ever see", "text/plain"));
        await using var redirect = new LocalServer((_, context) =>
        {
            context.Response.Redirect(secret.Address.ToString());
            context.Response.Close();
            return Task.CompletedTask;
        });

        // The first server may be reached, as if it were public; where it leads to may not.
        using var http = PublicHttp.CreateClient();
        using var first = PublicHttp.CreateClient(new FirstOnly().Allows);

        Assert.Null(await PageText.FetchAsync(http, secret.Address.ToString(), Patience, TestContext.Current.CancellationToken));
        Assert.Null(
            await PageText.FetchAsync(http, $"http://localhost:{secret.Address.Port}/", Patience, TestContext.Current.CancellationToken));
        Assert.Null(
            await PageText.FetchAsync(
                http, $"http://[::ffff:127.0.0.1]:{secret.Address.Port}/", Patience, TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(first, redirect.Address.ToString(), Patience, TestContext.Current.CancellationToken));
        Assert.Null(await PageText.FetchAsync(http, "file:///etc/passwd", Patience, TestContext.Current.CancellationToken));
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

    [Theory]
    [InlineData("0.1.2.3")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.9")]
    [InlineData("192.0.2.1")]
    [InlineData("192.31.196.1")]
    [InlineData("192.52.193.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.175.48.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:168.63.129.16")]
    [InlineData("::ffff:0:7f00:1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("100::1")]
    [InlineData("100:0:0:1::1")]
    [InlineData("2001::1")]
    [InlineData("2001:0:53aa:64c:0:7c2c:80ff:fffe")]
    [InlineData("2001:2::1")]
    [InlineData("2001:3::1")]
    [InlineData("2001:4:112::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:30::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2620:4f:8000::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Special_addresses_of_the_registries_are_not_public(string address) =>
        Assert.False(PublicAddresses.Contains(IPAddress.Parse(address)));

    [Fact]
    public async Task However_this_machine_is_written_it_is_never_reached()
    {
        await using var secret = new LocalServer((_, context) => LocalServer.Say(context, 200, "secret", "text/plain"));
        using var http = PublicHttp.CreateClient();
        string[] hosts =
        [
            "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1",
            "017700000001", "0177.0.0.1", "0", "0.0.0.0",
            "localhost", "LOCALHOST", "localhost.", "127.0.0.1.", "%31%32%37.0.0.1", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
            "user@127.0.0.1", "8.8.8.8@127.0.0.1", "[::1]",
            "[::]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0:0]", "[64:ff9b::127.0.0.1]",
            "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", System.Net.Dns.GetHostName(),
        ];

        var texts = await Task.WhenAll(hosts.Select(host =>
            PageText.FetchAsync(http, $"http://{host}:{secret.Address.Port}/", Patience, TestContext.Current.CancellationToken)));

        Assert.All(texts, Assert.Null);
        Assert.Equal(0, secret.Requests);
    }

    [Fact]
    public async Task A_page_that_stalls_has_no_text_and_the_search_goes_on()
    {
        var over = new TaskCompletionSource();
        await using var pages = new LocalServer(async (_, context) =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.OutputStream.WriteAsync("<p>The Volga "u8.ToArray());
            await context.Response.OutputStream.FlushAsync();
            await over.Task;
        });
        await using var server = new LocalServer((_, context) => LocalServer.Say(
            context, 200,
            new JsonObject
            {
                ["organic"] = new JsonArray(
                    new JsonObject { ["title"] = "V", ["snippet"] = "Rivers.", ["link"] = pages.Address.ToString() }),
            }.ToJsonString()));
        using var local = PublicHttp.CreateClient(_ => true);

        var found = await Tool(server, pages: local, read: 1, patience: TimeSpan.FromSeconds(2))
            .InvokeAsync("Volga", TestContext.Current.CancellationToken);

        Assert.Equal(" #1: Rivers.", found);
        Assert.Equal(1, pages.Requests);
        over.SetResult();
    }

    [Theory]
    [InlineData("<p>one two three four five six<b>teen</b> seven eight\nnine ten eleven</p><p>menu</p>",
        "one two three four five sixteen seven eight nine ten eleven")]
    [InlineData("<title>a b c d e f g h i j k l</title><body>A&nbsp;b &amp; c &lt;d&gt; e f g h i j k", "A b & c <d> e f g h i j k")]
    [InlineData("<head><style>a b c d e f g h i j k l</style><body>a b c d e f g h i j k", "a b c d e f g h i j k")]
    [InlineData("<script>a b c d e f g h i j k '</p>' <!-- </script>a b c d e f g h i j k", "a b c d e f g h i j k")]
    [InlineData(
        "<template>x<template>a b c d e f g h i j k</template>a b c d e f g h i j k</template>a b c d e f g h i j l",
        "a b c d e f g h i j l")]
    [InlineData("<!-- a b c d e f g h i j k --><svg><p>a b c d e f g h i j k</svg><td>a b c d e f g h i j l<td>1 2 3 4 5 6 7 8 9 10 11",
        "a b c d e f g h i j l\n1 2 3 4 5 6 7 8 9 10 11")]
    [InlineData("<textarea>a b c <p> d e f g h i j k</textarea>", "a b c <p> d e f g h i j k")]
    [InlineData("<script>never ends a b c d e f g h i j k", "")]
    [InlineData("no tags at all but more than ten words of text here", "no tags at all but more than ten words of text here")]
    public void The_text_of_a_page_is_what_a_browser_shows(string html, string text) => Assert.Equal(
        text, PageText.OfHtml(html, TestContext.Current.CancellationToken));

    [Fact]
    public void A_page_costs_what_its_size_costs_however_it_is_written()
    {
        string[] pieces = ["<div>", "<b a=1>", "<p>", "<b><i>", "<table><tr><td>", "</p>", "<svg>", "<template>", "<!--", "&amp;",
            "<a b c d e f>", "<x ", "<script>", "<", "</", "<?", "<![CDATA["];

        Assert.All(
            pieces, piece => PageText.OfHtml(string.Concat(Enumerable.Repeat(piece, 100_000)), TestContext.Current.CancellationToken));
        Assert.Throws<OperationCanceledException>(() => PageText.OfHtml("<p>text", new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_key_is_never_printed()
    {
        var key = new ApiKey(Key);

        Assert.Equal("***", $"{key}");
        Assert.Equal(Key, key.Reveal());
        Assert.DoesNotContain("a b", Assert.Throws<ArgumentException>(() => new ApiKey("a b")).Message);
    }

    private WebSearchTool Tool(
        LocalServer server, SearchCache? cache = null, HttpClient? pages = null, int read = 0, TimeSpan? patience = null) => new(
        _http, pages ?? _pages, new ApiKey(Key), cache, new CallPacer(10_000, TimeProvider.System),
        new WebSearchOptions
        {
            Endpoint = server.Address,
            FirstDelay = TimeSpan.FromMilliseconds(1),
            Retries = 3,
            PagesToRead = read,
            Patience = patience ?? Patience,
        },
        TimeProvider.System);

    /// <summary>Allows the first connection and no other.</summary>
    private sealed class FirstOnly
    {
        private int _asked;

        public bool Allows(IPAddress address) => Interlocked.Increment(ref _asked) == 1;
    }
}
