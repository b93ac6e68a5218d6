using System.Net;

namespace Rebound.Pages.Tests;

internal static class HttpClientStatus
{
    /// <summary>The body of a response that has to have a status.</summary>
    public static async Task<string> GetStringAsync(this HttpClient http, string path, HttpStatusCode status)
    {
        using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {body}");
        return body;
    }
}
