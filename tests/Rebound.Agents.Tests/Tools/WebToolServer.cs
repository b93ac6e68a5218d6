using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Rebound.Agents.Tests.Tools;

/// <summary>A server of tools over HTTP, written with the protocol's C# SDK.</summary>
public sealed class WebToolServer : IAsyncDisposable
{
    /// <summary>How a server speaks HTTP.</summary>
    public enum Kind
    {
        /// <summary>As the newest revision of the protocol has it.</summary>
        Stateless,

        /// <summary>With a session for each client.</summary>
        Sessions,

        /// <summary>With server-sent events, as the oldest servers.</summary>
        Events,
    }

    private readonly WebApplication _application;

    private WebToolServer(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.First());

    /// <param name="tools">May be added to while the server is at work.</param>
    public static async Task<WebToolServer> StartAsync(McpServerPrimitiveCollection<McpServerTool> tools, Kind kind)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer(options => options.ToolCollection = tools).WithHttpTransport(options =>
        {
            options.Stateless = kind == Kind.Stateless;
#pragma warning disable MCP9003, MCP9004 // Old servers are what is tested.
            options.EnableLegacySse = kind == Kind.Events;
#pragma warning restore MCP9003, MCP9004
        });
        var application = builder.Build();
        application.MapMcp();
        await application.StartAsync();
        return new WebToolServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
