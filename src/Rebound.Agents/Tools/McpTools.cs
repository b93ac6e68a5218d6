using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>
/// The tools of a Model Context Protocol server (modelcontextprotocol.io). A server that is started here gets none of this
/// process's environment but what the protocol's client counts as harmless, and so no keys.
/// </summary>
public sealed class McpTools : IAsyncDisposable
{
    private readonly McpClient _client;

    private McpTools(McpClient client, IReadOnlyList<ITool> tools) => (_client, Tools) = (client, tools);

    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>Starts a server and asks for its tools.</summary>
    /// <exception cref="ToolException">It cannot be started, or does not speak the protocol.</exception>
    public static Task<McpTools> StartAsync(string command, IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        ConnectAsync(
            new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = command,
                Arguments = [.. arguments],
                InheritEnvironmentVariables = false,
                EnvironmentVariables = StdioClientTransportOptions.GetDefaultEnvironmentVariables(),
            }),
            command,
            cancellation);

    /// <summary>Connects to a server by HTTP and asks for its tools.</summary>
    /// <exception cref="ToolException">It cannot be reached, or does not speak the protocol.</exception>
    public static Task<McpTools> ConnectAsync(Uri endpoint, CancellationToken cancellation = default) =>
        ConnectAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = endpoint }), endpoint.ToString(), cancellation);

    /// <summary>Asks a server for its tools through a transport.</summary>
    /// <param name="name">The server, for messages.</param>
    public static async Task<McpTools> ConnectAsync(IClientTransport transport, string name, CancellationToken cancellation = default)
    {
        try
        {
            var client = await McpClient.CreateAsync(transport, cancellationToken: cancellation);
            var tools = await client.ListToolsAsync(cancellationToken: cancellation);
            return new McpTools(client, [.. tools.Select(tool => new McpTool(tool))]);
        }
        catch (Exception e) when (e is McpException or IOException or HttpRequestException or InvalidOperationException
            or System.ComponentModel.Win32Exception or TimeoutException)
        {
            throw new ToolException($"the tool server {name} cannot be used: {e.Message}", e);
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private sealed class McpTool(McpClientTool tool) : ITool
    {
        public string Name => tool.Name;

        public string Description => tool.Description;

        public async Task<string> InvokeAsync(string argument, CancellationToken cancellation = default)
        {
            try
            {
                var result = await tool.CallAsync(McpArguments.Read(tool.JsonSchema, argument), cancellationToken: cancellation);
                var text = string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));
                return result.IsError == true ? $"Error: {text}" : text;
            }
            catch (Exception e) when (e is McpException or IOException or HttpRequestException or JsonException or InvalidOperationException)
            {
                throw new ToolException($"the tool {Name} could not be called: {e.Message}", e);
            }
        }
    }
}
