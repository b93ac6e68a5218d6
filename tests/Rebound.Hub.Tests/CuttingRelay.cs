using System.Net;
using System.Net.Sockets;

namespace Rebound.Hub.Tests;

/// <summary>Passes connections on to a server, and cuts the first ones behind some bytes of their requests.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;
    private readonly int _bytes;
    private readonly Task _serving;
    private int _cuts;

    /// <param name="cuts">How many connections are cut.</param>
    /// <param name="bytes">Behind how many bytes.</param>
    public CuttingRelay(Uri target, int cuts, int bytes)
    {
        (_target, _cuts, _bytes) = (target, cuts, bytes);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Connections that are still to be cut.</summary>
    public int Cuts => _cuts;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (Interlocked.Decrement(ref _cuts) >= 0)
                {
                    _ = await client.GetStream().ReadAtLeastAsync(new byte[_bytes], _bytes, throwOnEndOfStream: false);
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    return;
                }

                using var server = new TcpClient();
                await server.ConnectAsync(_target.Host, _target.Port);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // Either side has left.
            }
        }
    }
}
