using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>
/// The tools of a Model Context Protocol server (modelcontextprotocol.io). A server that is started here gets none of this
/// process's environment but what the protocol's client counts as harmless, and so no keys. However it behaves, it is waited for and
/// read to the bounds of <see cref="McpLimits"/>.
/// </summary>
public sealed class McpTools : IAsyncDisposable
{
    private const string NotTheProtocol = "what it answers is not the JSON that the protocol has.";

    private readonly McpClient _client;
    private readonly IAsyncDisposable? _server;

    private McpTools(McpClient client, IAsyncDisposable? server, IReadOnlyList<AIFunction> tools) => (_client, _server, Tools) = (client, server, tools);

    public IReadOnlyList<AIFunction> Tools { get; }

    /// <summary>Starts a server and asks for its tools.</summary>
    /// <exception cref="ToolException">It cannot be started, or does not speak the protocol.</exception>
    public static async Task<McpTools> StartAsync(
        string command, IReadOnlyList<string> arguments, McpLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new McpLimits();
        McpProcess process;
        try
        {
            process = McpProcess.Start(command, arguments, limits.LongestMessage);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw Unusable(command, e.Message, e);
        }

        try
        {
            return await ConnectAsync(process.Transport, command, limits, process, () => process.Excess, cancellation);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to a server by HTTP and asks for its tools.</summary>
    /// <exception cref="ToolException">It cannot be reached, or does not speak the protocol.</exception>
    public static Task<McpTools> ConnectAsync(Uri endpoint, McpLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new McpLimits();
        var http = new HttpClient(new BoundedAnswers(new SocketsHttpHandler(), limits.LongestMessage, boundsEvents: true));
        var transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = endpoint }, http, loggerFactory: null, ownsHttpClient: true);
        return ConnectAsync(transport, endpoint.ToString(), limits, cancellation);
    }

    /// <summary>Asks a server for its tools through a transport.</summary>
    /// <param name="name">The server, for messages.</param>
    /// <exception cref="ToolException">It does not speak the protocol.</exception>
    public static Task<McpTools> ConnectAsync(
        IClientTransport transport, string name, McpLimits? limits = null, CancellationToken cancellation = default) =>
        ConnectAsync(transport, name, limits ?? new McpLimits(), server: null, () => null, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static async Task<McpTools> ConnectAsync(
        IClientTransport transport, string name, McpLimits limits, IAsyncDisposable? server, Func<InvalidDataException?> excess, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.StartPatience);
        McpClient? client = null;
        try
        {
            client = await McpClient.CreateAsync(
                transport, new McpClientOptions { InitializationTimeout = limits.StartPatience }, cancellationToken: limit.Token);
            var tools = await ListAsync(client, limits, limit.Token);
            return new McpTools(client, server, [.. tools.Select(tool => new McpTool(new McpClientTool(client, tool), limits))]);
        }
        catch (Exception e)
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }

            if (cancellation.IsCancellationRequested)
            {
                throw;
            }

            throw Unusable(
                name,
                excess()?.Message ?? e switch
                {
                    OperationCanceledException or TimeoutException => $"it did not tell its tools within {limits.StartPatience.TotalSeconds:0.#} s.",
                    JsonException => NotTheProtocol,
                    _ => e.Message,
                },
                e);
        }
    }

    /// <summary>The tools of all pages.</summary>
    /// <exception cref="McpException">There are too many.</exception>
    private static async Task<List<Tool>> ListAsync(McpClient client, McpLimits limits, CancellationToken cancellation)
    {
        var tools = new List<Tool>();
        string? cursor = null;
        for (var page = 0; page == 0 || cursor is not null; page++)
        {
            var result = await client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellation);
            tools.AddRange(result.Tools);
            cursor = result.NextCursor;
            if (cursor is not null && (page + 1 == limits.MostPages || tools.Count > limits.MostTools))
            {
                throw new McpException($"its list of tools does not end: {page + 1} pages told {tools.Count}, and there are more.");
            }
        }

        return tools;
    }

    private static ToolException Unusable(string server, string problem, Exception inner) =>
        new($"the tool server {server} cannot be used: {problem}", inner);

    private sealed class McpTool(McpClientTool tool, McpLimits limits) : AIFunction
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.JsonSchema;

        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(limits.CallPatience);
            try
            {
                var result = await tool.CallAsync(arguments, cancellationToken: limit.Token);
                var text = string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));
                return result.IsError == true ? $"Error: {text}" : text;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ToolException($"the tool {Name} gave no answer within {limits.CallPatience.TotalSeconds:0.#} s.", e);
            }
            catch (JsonException e)
            {
                throw new ToolException($"the tool {Name} could not be called: {NotTheProtocol}", e);
            }
            catch (Exception e) when (e is not (ToolException or OperationCanceledException or OutOfMemoryException))
            {
                throw new ToolException($"the tool {Name} could not be called: {e.Message}", e);
            }
        }
    }
}
