using System.IO.Pipelines;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Rebound.Agents.Tests.Tools;

/// <summary>A server of the protocol's C# SDK in this process, at the other end of two pipes.</summary>
internal sealed class PipedServer : IAsyncDisposable
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private readonly McpServer _server;
    private readonly Task _running;

    public PipedServer(params McpServerTool[] tools)
    {
        foreach (var tool in tools)
        {
            Tools.Add(tool);
        }

        _server = McpServer.Create(
            new StreamServerTransport(_toServer.Reader.AsStream(), _toClient.Writer.AsStream()),
            new McpServerOptions { ServerInfo = new Implementation { Name = "test", Version = "1" }, ToolCollection = Tools });
        _running = _server.RunAsync();
    }

    /// <summary>May be added to while the server is at work.</summary>
    public McpServerPrimitiveCollection<McpServerTool> Tools { get; } = [];

    public IClientTransport Transport => new StreamClientTransport(_toServer.Writer.AsStream(), _toClient.Reader.AsStream());

    public async ValueTask DisposeAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _running;
        await _server.DisposeAsync();
    }
}
