using System.ComponentModel;
using System.Net;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>
/// The tools of a Model Context Protocol server (modelcontextprotocol.io). A server that is started here gets none of this
/// process's environment but what the protocol's client counts as harmless and what is named, and so no keys. However it behaves, it is
/// waited for and read to the bounds of <see cref="McpLimits"/>.
/// </summary>
public sealed class McpTools : IAsyncDisposable
{
    private const string NotTheProtocol = "what it answers is not the JSON that the protocol has.";
    private const string FromServer = "Request failed (remote): ";

    private readonly McpClient _client;
    private readonly McpProcess? _process;
    private readonly McpListChange _change;
    private readonly bool _isStateless;

    private McpTools(string name, McpClient client, McpProcess? process, McpLimits limits, McpListChange change, bool isStateless) =>
        (Name, _client, _process, Limits, _change, _isStateless) = (name, client, process, limits, change, isStateless);

    /// <summary>The server's command line or address, for messages.</summary>
    public string Name { get; }

    /// <summary>The tools as last listed.</summary>
    public IReadOnlyList<AIFunction> Tools { get; private set; } = [];

    internal McpLimits Limits { get; }

    /// <summary>Starts a server and asks for its tools.</summary>
    /// <exception cref="ToolServerException">It cannot be started, or does not speak the protocol.</exception>
    public static async Task<McpTools> StartAsync(
        string command, IReadOnlyList<string> arguments, McpStartOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new McpStartOptions();
        var name = string.Join(' ', arguments.Prepend(command));
        McpProcess process;
        try
        {
            process = McpProcess.Start(command, arguments, options);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw Unusable(name, e.Message, e);
        }

        try
        {
            return await ConnectAsync(process.Transport, name, options.Limits, process, cancellation);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to a server by HTTP, streamable or with the older server-sent events, and asks for its tools.</summary>
    /// <exception cref="ToolServerException">It cannot be reached, or does not speak the protocol.</exception>
    public static Task<McpTools> ConnectAsync(Uri endpoint, McpLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new McpLimits();
        var http = new HttpClient(new BoundedAnswers(new SocketsHttpHandler(), limits.LongestMessage, boundsEvents: true));
        var transport = new HttpClientTransport(
            new HttpClientTransportOptions { Endpoint = endpoint }, http, loggerFactory: null, ownsHttpClient: true);
        return ConnectAsync(transport, endpoint.ToString(), limits, cancellation);
    }

    /// <summary>Asks a server for its tools through a transport.</summary>
    /// <param name="name">The server, for messages.</param>
    /// <exception cref="ToolServerException">It does not speak the protocol.</exception>
    public static Task<McpTools> ConnectAsync(
        IClientTransport transport, string name, McpLimits? limits = null, CancellationToken cancellation = default) =>
        ConnectAsync(transport, name, limits ?? new McpLimits(), process: null, cancellation);

    /// <summary>Lists the tools again where the server announced a change, or cannot announce any.</summary>
    /// <returns>Whether it was read.</returns>
    /// <exception cref="ToolServerException">The server tells no tools any more.</exception>
    public async Task<bool> RefreshAsync(CancellationToken cancellation = default)
    {
        if (!_change.Take() && !_isStateless)
        {
            return false;
        }

        await ReadToolsAsync(cancellation);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _change.Dispose();
        await _client.DisposeAsync();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    /// <summary>That the server is gone, if what was thrown means that; null where it is there and only a call failed.</summary>
    /// <param name="when">A clause for the message.</param>
    internal async Task<ToolServerException?> GoneAsync(Exception e, string when)
    {
        var isGone = _client.Completion.IsCompleted || _process is { HasExited: true } || e is IOException
            || e is HttpRequestException
            {
                StatusCode: null or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
            };
        if (!isGone)
        {
            return null;
        }

        var (end, said) = _process is null ? (null, "") : await _process.LastWordsAsync();
        return new ToolServerException(
            $"the tool server {Name} is gone {when}: {_process?.Excess?.Message ?? (end is null ? Said(e) : $"{end}.")}{said}", e);
    }

    /// <summary>The problem in words: the server's or the network's. Whatever else reading an answer may throw is no sentence.</summary>
    internal static string Said(Exception e) => e switch
    {
        McpException when e.Message.StartsWith(FromServer, StringComparison.Ordinal) => e.Message[FromServer.Length..],
        McpException or HttpRequestException or IOException => e.Message,
        _ => NotTheProtocol,
    };

    private static async Task<McpTools> ConnectAsync(
        IClientTransport transport, string name, McpLimits limits, McpProcess? process, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.StartPatience);
        var change = new McpListChange();
        McpClient? client = null;
        try
        {
            client = await McpClient.CreateAsync(
                transport, new McpClientOptions { InitializationTimeout = limits.StartPatience, Handlers = change.Handlers },
                cancellationToken: limit.Token);
            var server = new McpTools(name, client, process, limits, change, transport is HttpClientTransport && client.SessionId is null);
            await server.ReadToolsAsync(cancellation);
            change.Listen(client);
            return server;
        }
        catch (Exception e)
        {
            change.Dispose();
            await (client?.DisposeAsync() ?? default);
            if (cancellation.IsCancellationRequested || e is ToolServerException)
            {
                throw;
            }

            throw await UnusableAsync(name, limits, process, e);
        }
    }

    private async Task ReadToolsAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limits.StartPatience);
        try
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var tools = new List<AIFunction>();
            foreach (var tool in await McpListing.ReadAsync(_client, Limits, limit.Token))
            {
                // A name that would end the episode is told in other words; the server is called by its own.
                var known = ToolNames.Unique(tool.Name.Replace(ToolSet.Finish, "end", StringComparison.OrdinalIgnoreCase), names.Contains);
                names.Add(known);
                tools.Add(new McpTool(this, new McpClientTool(_client, tool), known));
            }

            Tools = tools;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            throw await UnusableAsync(Name, Limits, _process, e);
        }
    }

    private static async Task<ToolServerException> UnusableAsync(string name, McpLimits limits, McpProcess? process, Exception e)
    {
        var (end, said) = process is null ? (null, "") : await process.LastWordsAsync();
        return Unusable(
            name,
            (process?.Excess?.Message ?? e switch
            {
                _ when end is not null => $"{end}.",
                OperationCanceledException or TimeoutException =>
                    $"it did not tell its tools within {limits.StartPatience.TotalSeconds:0.#} s.",
                _ => Said(e),
            }) + said,
            e);
    }

    private static ToolServerException Unusable(string server, string problem, Exception inner) =>
        new($"the tool server {server} cannot be used: {problem}", inner);
}
