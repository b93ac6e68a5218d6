using System.Net;
using System.Net.Sockets;

namespace Rebound.Engine.Collectives;

/// <summary>A place where ranks meet, open for those that come.</summary>
public sealed class RankListener : IDisposable
{
    private readonly Socket _socket;

    private RankListener(Socket socket) => _socket = socket;

    /// <summary>A name that no other has.</summary>
    internal string Name { get; } = $"{Guid.NewGuid():N}";

    /// <summary>The port that others come to.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Opens one for ranks of this host alone, at a port that is free.</summary>
    public static RankListener OpenLocal() => new(Open(IPAddress.Loopback, 0));

    /// <summary>Null where the port is taken.</summary>
    internal static RankListener? TryOpen(int port, bool isLocal)
    {
        try
        {
            var any = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
            return new RankListener(Open(isLocal ? IPAddress.Loopback : any, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return null;
        }
    }

    /// <summary>The next connection within a time; null where none came.</summary>
    internal Socket? Accept(TimeSpan patience)
    {
        if (!_socket.Poll(patience, SelectMode.SelectRead))
        {
            return null;
        }

        try
        {
            return _socket.Accept();
        }
        catch (SocketException)
        {
            return null; // It went away in this moment.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Open(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
