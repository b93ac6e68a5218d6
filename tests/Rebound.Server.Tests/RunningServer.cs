using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Inference.Serving;
using Rebound.Server.Agents;

namespace Rebound.Server.Tests;

/// <summary>A server on a free port of this machine, and a client for it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly CpuBackend _backend;

    private RunningServer(ModelServer server, ServedModels models, CpuBackend backend, IReadOnlyCollection<string> notes)
    {
        (Server, Models, _backend, Notes) = (server, models, backend, notes);
        // An answer that is let go of closes its connection; by default the client first reads on for two seconds.
        Http = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public ModelServer Server { get; }

    public ServedModels Models { get; }

    public HttpClient Http { get; }

    /// <summary>What whoever runs it was told.</summary>
    public IReadOnlyCollection<string> Notes { get; }

    /// <summary>Of OpenAI's clients.</summary>
    public Uri Endpoint => new(Server.Address, "v1");

    public static async Task<RunningServer> StartAsync(
        string? model, string[]? adapters = null, ServerOptions? options = null, ServedModelsOptions? models = null,
        ServedAgents? agents = null)
    {
        var notes = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var backend = new CpuBackend(1);
        var server = await ModelServer.StartAsync((options ?? new ServerOptions()) with { Port = 0, Note = notes.Enqueue });
        var served = ServedModels.Load(model, adapters ?? [], backend, models ?? new ServedModelsOptions { MaxSequences = 4 });
        server.Serve(served, agents);
        return new RunningServer(server, served, backend, notes);
    }

    /// <summary>Posts a JSON object, and returns the status and the answer.</summary>
    public async Task<(int Status, JsonNode Body)> PostAsync(string path, JsonNode body)
    {
        using var response = await Http.PostAsync(path, JsonContent.Create(body), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>Posts what has to be answered well.</summary>
    public async Task<JsonNode> AskAsync(string path, JsonNode body)
    {
        var (status, answer) = await PostAsync(path, body);
        Assert.True(status == 200, $"{status}: {answer}");
        return answer;
    }

    /// <summary>The events of a streamed answer, up to the mark of its end.</summary>
    public async Task<List<JsonNode>> StreamAsync(string path, JsonObject body)
    {
        body["stream"] = true;
        using var response = await Http.PostAsync(path, JsonContent.Create(body), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return [.. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!)];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Models.Dispose();
        _backend.Dispose();
    }
}
