using System.Net;
using System.Text.RegularExpressions;

namespace Rebound.Pages.Tests;

/// <summary>How a browser gets in where there is a key.</summary>
public sealed class SignInTests
{
    private const string Key = "the-key";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_key_opens_a_session_that_scripts_and_other_sites_do_not_get()
    {
        await using var server = await PagesServer.LoadingAsync(Key);
        using var http = PagesServer.Client(server);

        using var asked = await http.GetAsync("/runs?of=1", Cancellation);
        Assert.Equal("/sign-in?next=%2Fruns%3Fof%3D1", asked.Headers.Location?.OriginalString);
        using var wrong = await SubmitAsync(http, asked.Headers.Location!.OriginalString, "another");
        using var right = await SubmitAsync(http, asked.Headers.Location!.OriginalString, Key);

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("That is not the key.", await wrong.Content.ReadAsStringAsync(Cancellation));
        Assert.DoesNotContain(wrong.Headers.TryGetValues("Set-Cookie", out var set) ? set : [], value => value.Contains("session"));
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        Assert.Equal("/runs?of=1", right.Headers.Location?.OriginalString);
        var cookie = right.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("rebound-session", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.DoesNotContain(Key, cookie);

        // The handler keeps the cookie: pages and the protocol are open from here on.
        await http.GetStringAsync("/", HttpStatusCode.ServiceUnavailable);
        await http.GetStringAsync("/v1/models", HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Without_the_key_there_is_nothing_but_the_form()
    {
        await using var server = await PagesServer.LoadingAsync(Key);
        using var http = PagesServer.Client(server);

        using var page = await http.GetAsync("/", Cancellation);
        using var guessed = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        guessed.Headers.Add("Cookie", $"rebound-session-{server.Address.Port}=0");
        using var refused = await http.SendAsync(guessed, Cancellation);
        using var forged = await http.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["Key"] = Key,
        }), Cancellation);

        Assert.Equal("/sign-in", page.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.False(forged.Headers.TryGetValues("Set-Cookie", out _));
    }

    [Theory]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("https://elsewhere.example/")]
    [InlineData("/\t/elsewhere.example/")]
    public async Task It_leads_to_this_server_alone(string next)
    {
        await using var server = await PagesServer.LoadingAsync(Key);
        using var http = PagesServer.Client(server);

        using var response = await SubmitAsync(http, $"/sign-in?next={Uri.EscapeDataString(next)}", Key);

        Assert.Equal("/", response.Headers.Location?.OriginalString);
    }

    private static async Task<HttpResponseMessage> SubmitAsync(HttpClient http, string address, string key)
    {
        var form = await http.GetStringAsync(address, HttpStatusCode.OK);
        var token = Regex.Match(form, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1));
        return await http.PostAsync(address, new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = token.Groups[1].Value,
            ["Key"] = key,
        }), Cancellation);
    }
}
