using System.Diagnostics;
using System.Net.Sockets;

namespace Rebound.Engine.Collectives.Network;

/// <summary>The meeting of ranks as who listens sees it: others come one by one, and are let in when all have and agree.</summary>
internal sealed class HubMeeting : IDisposable
{
    /// <summary>The time that someone who connected is given to say which rank it is.</summary>
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(5);

    private readonly RankMembership _me;
    private readonly RankListener _listener;
    private readonly PeerConnection?[] _connections;
    private readonly RankHello?[] _hellos;

    /// <param name="listener">Of the caller.</param>
    public HubMeeting(RankMembership me, RankListener listener)
    {
        (_me, _listener) = (me, listener);
        (_connections, _hellos) = (new PeerConnection?[me.Size], new RankHello?[me.Size]);
        _hellos[me.Rank] = RankHello.Of(me);
    }

    public bool IsComplete => Array.TrueForAll(_hellos, hello => hello is not null);

    /// <summary>Whether anybody has come.</summary>
    public bool HasAny => _connections.Any(connection => connection is not null);

    /// <summary>Takes what comes within a time.</summary>
    /// <exception cref="RendezvousException">Who came makes a meeting impossible, or cannot begin; all that came are told.</exception>
    /// <exception cref="CommunicationException">A rank that had come is gone; all that came are told.</exception>
    public void Take(TimeSpan patience)
    {
        if (_listener.Accept(patience) is { } socket)
        {
            Introduce(socket);
        }

        for (var rank = 0; rank < _connections.Length; rank++)
        {
            if (_connections[rank] is { IsEnded: true })
            {
                const string cause = "ended before all ranks had come together";
                Refused($"Rank {rank} {cause}.");
                throw new CommunicationException(rank, cause);
            }
        }
    }

    /// <summary>Lets the ranks in when all have come.</summary>
    /// <returns>The connections by rank; the caller owns them.</returns>
    /// <exception cref="RendezvousException">They do not agree; all are told.</exception>
    public PeerConnection?[] Conclude()
    {
        if (RankAgreement.Disagreement(_hellos!) is { } disagreement)
        {
            throw Refused(disagreement);
        }

        foreach (var connection in _connections.OfType<PeerConnection>())
        {
            try
            {
                connection.Send(FrameKind.Welcome, []);
            }
            catch (IOException)
            {
                // The network, which has it from here on, finds it closed.
            }
        }

        PeerConnection?[] connections = [.. _connections];
        Array.Clear(_connections);
        return connections;
    }

    /// <summary>The sentence of a meeting that not all came to in time; those that came are told.</summary>
    public RendezvousException Missing(TimeSpan waited)
    {
        if (RankAgreement.Problem(_hellos) is { } known)
        {
            return Refused(known);
        }

        var missing = Enumerable.Range(0, _me.Size).Where(rank => _hellos[rank] is null);
        return Refused(
            $"{RankNumbers.Text(missing, isStart: true)} of {_me.Size} did not come to rank {_me.Rank}, which waited "
            + $"{waited.TotalSeconds:0.#} s at port {_listener.Port} of the host {Environment.MachineName} ({_me.Host}:{_me.Port} by "
            + $"{_me.Origin}).");
    }

    public void Dispose()
    {
        foreach (var connection in _connections.OfType<PeerConnection>())
        {
            connection.Dispose();
        }
    }

    private void Introduce(Socket socket)
    {
        PeerConnection? connection = new(socket);
        try
        {
            connection.Send(FrameKind.Greeting, new RankGreeting(_me.Job, _me.Rank, _listener.Name).Write());
            socket.ReceiveTimeout = (int)HelloPatience.TotalMilliseconds;
            if (connection.Receive(RankHello.MostBytes) is { } frame)
            {
                using (frame)
                {
                    if (frame.Kind == FrameKind.Hello)
                    {
                        socket.ReceiveTimeout = 0;
                        Enter(RankHello.Read(frame.Payload), ref connection);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // Not a rank of this job, or one that went away; it comes again.
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>Keeps the connection of a rank that is expected.</summary>
    private void Enter(RankHello hello, ref PeerConnection? connection)
    {
        var rank = hello.Rank;
        var problem = hello.Size != _me.Size
            ? $"Rank {rank} was told of {hello.Size} ranks, and rank {_me.Rank} of {_me.Size}: start all of a run with the same numbers."
            : (uint)rank >= (uint)_me.Size
                ? $"A process of the host {hello.Host.Split(' ')[0]} calls itself rank {rank} of {_me.Size}."
                : _hellos[rank] is { } other
                    ? $"Two processes call themselves rank {rank}: {Whose(other)} and {Whose(hello)}. Another run may use the same port: "
                        + "give one of them another (--master-port)."
                    : null;
        if (problem is not null)
        {
            TryRefuse(connection!, problem);
            throw Refused(problem);
        }

        (_hellos[rank], _connections[rank], connection) = (hello, connection, null);
        if (hello.Problem.Length > 0 && _me.Problem.Length == 0)
        {
            throw Refused(RankAgreement.Problem(_hellos)!);
        }
    }

    private static string Whose(RankHello hello) => $"process {hello.ProcessId} of {hello.Host.Split(' ')[0]}";

    private RendezvousException Refused(string sentence)
    {
        foreach (var connection in _connections.OfType<PeerConnection>())
        {
            TryRefuse(connection, sentence);
        }

        return new RendezvousException(sentence) { IsTold = _hellos[0] is not null };
    }

    private static void TryRefuse(PeerConnection connection, string sentence)
    {
        try
        {
            connection.Send(FrameKind.Refusal, System.Text.Encoding.UTF8.GetBytes(sentence));
            connection.EndSending();
        }
        catch (IOException)
        {
            // It went away itself.
        }
    }
}
