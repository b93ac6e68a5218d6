using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>That a server has said that its tools changed, until that is looked into.</summary>
internal sealed class McpListChange : IDisposable
{
    /// <summary>The revision of the protocol from which on servers say nothing that was not asked for.</summary>
    private const string AskedFor = "2026-07-28";

    private readonly CancellationTokenSource _end = new();
    private int _isNoted;

    /// <summary>Handlers of the server's notifications; to be given to the client before it connects.</summary>
    public McpClientHandlers Handlers => new()
    {
        NotificationHandlers =
        [
            KeyValuePair.Create<string, Func<JsonRpcNotification, CancellationToken, ValueTask>>(
                NotificationMethods.ToolListChangedNotification,
                (_, _) =>
                {
                    Volatile.Write(ref _isNoted, 1);
                    return default;
                }),
        ],
    };

    /// <summary>Subscribes to changes, where the server needs that.</summary>
    public void Listen(McpClient client)
    {
        if (client.ServerCapabilities.Tools?.ListChanged == true && string.CompareOrdinal(client.NegotiatedProtocolVersion, AskedFor) >= 0)
        {
            _ = ListenAsync(client);
        }
    }

    public bool Take() => Interlocked.Exchange(ref _isNoted, 0) == 1;

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async Task ListenAsync(McpClient client)
    {
        var asked =
            new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } };
        try
        {
            // The answer comes when the server is done with telling.
            await client.SendRequestAsync<SubscriptionsListenRequestParams, EmptyResult>(
                RequestMethods.SubscriptionsListen, asked, McpJsonUtilities.DefaultOptions, cancellationToken: _end.Token);
        }
#pragma warning disable CA1031 // A server that tells no changes can be used all the same; that it is gone is seen by the next call.
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
        }
    }
}
