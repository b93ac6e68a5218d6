namespace Rebound.Pages.Tests;

/// <summary>Servers of the pages for tests.</summary>
internal static class PagesServer
{
    /// <summary>One that never gets a model.</summary>
    public static Task<ModelServer> LoadingAsync(string? key = null, PagesOptions? pages = null) => ModelServer.StartAsync(new ServerOptions
    {
        Port = 0,
        ApiKey = key,
        Parts = [new PagesPart(pages ?? new PagesOptions())],
    });

    /// <summary>A client that follows no redirects, and asks for pages as browsers do.</summary>
    public static HttpClient Client(ModelServer server)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        return client;
    }
}
