using System.IO.Pipelines;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Rebound.Agents.Tools;

namespace Rebound.Agents.Tests.Tools;

public sealed class McpToolsTests
{
    [Fact]
    public async Task Tools_of_a_server_are_called_with_text_or_json()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = new Server(
            McpServerTool.Create((string text) => text.ToUpperInvariant(), new McpServerToolCreateOptions { Name = "shout", Description = "shouts" }),
            McpServerTool.Create((int a, int b) => a + b, new McpServerToolCreateOptions { Name = "add" }),
            McpServerTool.Create((int count, string unit = "m") => $"{count} {unit}", new McpServerToolCreateOptions { Name = "measure" }));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "test", cancellation);
        var tools = new ToolSet(connected.Tools);

        Assert.Equal("shouts", tools.Find("shout")!.Description);
        Assert.Equal("HELLO [THERE]", await tools.Find("shout")!.InvokeAsync("hello [there]", cancellation));
        Assert.Equal("HI", await tools.Find("shout")!.InvokeAsync("""{"text": "hi"}""", cancellation));
        Assert.Equal("5", await tools.Find("add")!.InvokeAsync("""{"a": 2, "b": 3}""", cancellation));
        Assert.Equal("7 m", await tools.Find("measure")!.InvokeAsync("7", cancellation));
        Assert.Contains("a, b", (await Assert.ThrowsAsync<ToolException>(() => tools.Find("add")!.InvokeAsync("2 and 3", cancellation))).Message);
        Assert.StartsWith("Error: ", await tools.Find("measure")!.InvokeAsync("seven", cancellation));
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_is_a_tool_error() => Assert.Contains(
        "/no/such/server", (await Assert.ThrowsAsync<ToolException>(() => McpTools.StartAsync("/no/such/server", [], TestContext.Current.CancellationToken))).Message);

    /// <summary>A server in this process, at the other end of two pipes.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly Pipe _toServer = new();
        private readonly Pipe _toClient = new();
        private readonly McpServer _server;
        private readonly Task _running;

        public Server(params McpServerTool[] tools)
        {
            var collection = new McpServerPrimitiveCollection<McpServerTool>();
            foreach (var tool in tools)
            {
                collection.Add(tool);
            }

            _server = McpServer.Create(
                new StreamServerTransport(_toServer.Reader.AsStream(), _toClient.Writer.AsStream()),
                new McpServerOptions { ServerInfo = new Implementation { Name = "test", Version = "1" }, ToolCollection = collection });
            _running = _server.RunAsync();
        }

        public IClientTransport Transport => new StreamClientTransport(_toServer.Writer.AsStream(), _toClient.Reader.AsStream());

        public async ValueTask DisposeAsync()
        {
            await _toServer.Writer.CompleteAsync();
            await _running;
            await _server.DisposeAsync();
        }
    }
}
