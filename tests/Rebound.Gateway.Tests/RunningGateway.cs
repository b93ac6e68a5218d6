using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Gateway.Tests;

/// <summary>A gateway on a free port before an upstream whose every answer a test decides, and a client for it.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _notes = new();

    private RunningGateway(LocalServer upstream) => Upstream = upstream;

    public LocalServer Upstream { get; }

    public RecordingGateway Gateway { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public GatewayOptions Options { get; private set; } = null!;

    public IReadOnlyCollection<string> Notes => _notes;

    public string Folder => _folder.File("recorded");

    /// <summary>Of OpenAI's clients.</summary>
    public Uri Endpoint => new(Gateway.Address, "v1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="answer">Given a request's number from 0 and the request.</param>
    public static async Task<RunningGateway> StartAsync(
        Func<int, HttpListenerContext, Task> answer, Func<GatewayOptions, GatewayOptions>? options = null)
    {
        var running = new RunningGateway(new LocalServer(answer));
        var plain = new GatewayOptions
        {
            Upstream = new Uri(running.Upstream.Address, "v1"),
            Folder = running.Folder,
            Port = 0,
            Note = running._notes.Enqueue,
        };
        running.Options = options?.Invoke(plain) ?? plain;
        await running.OpenAsync();
        return running;
    }

    /// <summary>Posts JSON, with headers as <c>Name: value</c>.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, JsonNode body, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        foreach (var header in headers)
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return await Http.SendAsync(request, Cancellation);
    }

    /// <summary>Asks for an answer, and returns it with the conversation's id.</summary>
    public async Task<(JsonNode Answer, string? Conversation)> AskAsync(JsonArray messages, JsonObject? more = null, params string[] headers)
    {
        var body = (JsonObject)(more?.DeepClone() ?? new JsonObject());
        (body["model"], body["messages"]) = (body["model"]?.DeepClone() ?? "test", messages.DeepClone());
        using var response = await PostAsync("v1/chat/completions", body, headers);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return (
            text.StartsWith('{') ? JsonNode.Parse(text)! : text,
            response.Headers.TryGetValues("Rebound-Conversation", out var ids) ? ids.Single() : null);
    }

    /// <summary>Stops it, and reads what it wrote, as training does.</summary>
    public async Task<(GatewayCounts Counts, IReadOnlyList<TrajectoryRow> Rows)> StopAsync()
    {
        var counts = await Gateway.StopAsync();
        return (counts, await ReadAsync());
    }

    /// <summary>The trajectories in its folder.</summary>
    public async Task<IReadOnlyList<TrajectoryRow>> ReadAsync()
    {
        var file = Assert.Single(DataFiles.Of(Folder));
        Assert.Equal("trajectories.jsonl", Path.GetFileName(file));
        return new FileInfo(file).Length == 0 ? [] : await TrajectoryFile.ReadRowsAsync(file, cancellation: Cancellation).ToListAsync(Cancellation);
    }

    /// <summary>Ends it without a word, as a kill would, and starts another one on its folder.</summary>
    /// <param name="between">Done while none runs; null for nothing.</param>
    public async Task RestartAsync(Action? between = null)
    {
        Http.Dispose();
        await Gateway.DisposeAsync();
        between?.Invoke();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        Gateway = await RecordingGateway.StartAsync(Options, Cancellation);
        Http = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = Gateway.Address };
    }
}
