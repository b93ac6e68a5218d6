using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Rebound.Pages.Tests;

/// <summary>What every page has, by HTTP alone.</summary>
public sealed class FrameTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_model_loads_the_page_says_so_and_looks_again()
    {
        await using var server = await PagesServer.LoadingAsync();
        using var http = PagesServer.Client(server);

        using var response = await http.GetAsync("/", Cancellation);
        var html = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"1\"", html);
        Assert.Contains("The model is being loaded", html);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/no-such-page")]
    [InlineData("/v1/models")]
    public async Task Every_response_lets_browsers_run_and_frame_nothing_from_elsewhere(string path)
    {
        await using var server = await PagesServer.LoadingAsync();
        using var http = PagesServer.Client(server);

        using var response = await http.GetAsync(path, Cancellation);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["same-origin"], response.Headers.GetValues("Referrer-Policy"));
    }

    [Fact]
    public async Task Pages_have_no_script_and_no_style_within_and_their_files_are_kept_for_good()
    {
        await using var server = await PagesServer.LoadingAsync();
        using var http = PagesServer.Client(server);
        var html = await http.GetStringAsync("/no-such-page", HttpStatusCode.NotFound);

        Assert.DoesNotContain("style=", html);
        Assert.DoesNotMatch("<style|<script(?![^>]*src=)| on[a-z]+=", html);
        var files = Regex.Matches(
                html, "(?:href|src)=\"(/assets/[^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var response = await http.GetAsync(file, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.GetValues("Cache-Control").Single());
        }
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_for_browsers_and_an_error_in_shape_for_programs()
    {
        await using var server = await PagesServer.LoadingAsync();
        using var browser = PagesServer.Client(server);
        using var program = new HttpClient { BaseAddress = server.Address };

        var page = await browser.GetStringAsync("/<b>", HttpStatusCode.NotFound);
        var api = await browser.GetStringAsync("/v1/nothing", HttpStatusCode.NotFound);
        var other = await program.GetStringAsync("/nothing", HttpStatusCode.NotFound);

        Assert.Contains("There is no such page", page);
        Assert.DoesNotContain("<b>", page);
        Assert.Equal("not_found", (string?)JsonNode.Parse(api)!["error"]!["code"]);
        Assert.Equal("not_found", (string?)JsonNode.Parse(other)!["error"]!["code"]);
    }

    [Fact]
    public async Task Links_from_other_sites_lead_here_and_their_scripts_do_not()
    {
        await using var server = await PagesServer.LoadingAsync();
        using var http = PagesServer.Client(server);
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        var fetched = await http.GetStringAsync("/no-such-page", HttpStatusCode.Forbidden);
        http.DefaultRequestHeaders.Add("Sec-Fetch-Mode", "navigate");
        http.DefaultRequestHeaders.Add("Sec-Fetch-Dest", "document");
        await http.GetStringAsync("/no-such-page", HttpStatusCode.NotFound);

        Assert.Contains("Pages of other sites may not use this server.", fetched);
    }
}
