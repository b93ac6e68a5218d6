using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rebound.Engine.Collectives.Network;

/// <summary>The meeting of ranks as who comes to the one that listens sees it.</summary>
/// <param name="own">This rank's own listener, where it has one and looks whether it is the place where ranks meet.</param>
internal sealed class PeerMeeting(RankMembership me, RankListener? own = null) : IDisposable
{
    private static readonly TimeSpan AttemptPatience = TimeSpan.FromSeconds(2);

    private PeerConnection? _connection;

    /// <summary>Of the last attempt, for the message where none succeeds.</summary>
    public string LastFailure { get; private set; } = "not tried";

    /// <summary>The rank that listens, once <see cref="TryReach"/> succeeded.</summary>
    public int Hub { get; private set; }

    /// <summary>Whether the place that ranks meet at turned out to be this rank's own listener.</summary>
    public bool CameToItself { get; private set; }

    /// <summary>Tries the host's addresses and ports once.</summary>
    public bool TryReach()
    {
        var addresses = LocalAddresses.Of(me.Host);
        if (addresses.Length == 0)
        {
            LastFailure = $"the name {me.Host} is not known";
            return false;
        }

        return addresses.Any(address => Rendezvous.PortsFrom(me.Port).Any(port => TryReachAt(new IPEndPoint(address, port))));
    }

    /// <summary>Whether all have come, within a time: false where it is not known yet.</summary>
    /// <exception cref="RendezvousException">The ranks do not come together.</exception>
    public bool TryEnter(TimeSpan patience)
    {
        if (!_connection!.AwaitsReading(patience))
        {
            return false;
        }

        try
        {
            using var frame = _connection.Receive(RankHello.MostBytes)
                ?? throw new IOException("it ended before all ranks had come");
            return frame.Kind switch
            {
                FrameKind.Welcome => true,
                FrameKind.Refusal => throw new RendezvousException(Encoding.UTF8.GetString(frame.Payload)) { IsTold = true },
                _ => throw new IOException("it says something else than was expected"),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new RendezvousException($"Rank {Hub}, where the ranks met, is gone: {e.Message}.");
        }
    }

    /// <summary>The connection, which the caller owns from here on.</summary>
    public PeerConnection Conclude()
    {
        var connection = _connection!;
        _connection = null;
        return connection;
    }

    public void Dispose() => _connection?.Dispose();

    private bool TryReachAt(IPEndPoint place)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var connection = new PeerConnection(socket);
        try
        {
            using var patience = new CancellationTokenSource(AttemptPatience);
            socket.ConnectAsync(place, patience.Token).AsTask().GetAwaiter().GetResult();
            socket.ReceiveTimeout = (int)AttemptPatience.TotalMilliseconds;
            using var frame = connection.Receive(RankGreeting.MostBytes) ?? throw new IOException("it closed the connection");
            var greeting = RankGreeting.Read(frame);
            if (greeting.Listener == own?.Name)
            {
                CameToItself = true;
                return false;
            }

            if (greeting.Job != me.Job)
            {
                LastFailure = $"{place} belongs to another run";
                return false;
            }

            socket.ReceiveTimeout = 0;
            connection.Send(FrameKind.Hello, RankHello.Of(me).Write());
            (Hub, _connection, connection) = (greeting.Rank, connection, null);
            return true;
        }
        catch (OperationCanceledException)
        {
            LastFailure = $"{place} does not answer";
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
        {
            LastFailure = $"{place}: {e.Message.TrimEnd('.')}";
        }
        finally
        {
            connection?.Dispose();
        }

        return false;
    }
}
