using System.Diagnostics;

namespace Rebound.Engine.Collectives.Network;

/// <summary>
/// The connections of a rank, in a star: one rank, the hub, is connected to all others. Each connection has a thread that receives; one
/// more thread sends signs of life and misses those of others. A failure is told to all, ends what ranks wait for, and stays.
/// </summary>
internal sealed class RankNetwork : IDisposable
{
    /// <summary>Signs of life in <see cref="CommunicatorOptions.HeartbeatTimeout"/>.</summary>
    private const int Beats = 10;

    /// <summary>Who is not the hub waits longer by this, so that the hub's word, which names the rank, comes first.</summary>
    private static readonly TimeSpan HubsLead = TimeSpan.FromSeconds(10);

    /// <summary>How long the word of a failure waits for a message that is on its way.</summary>
    private static readonly TimeSpan FailurePatience = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly CancellationTokenSource _failed = new();
    private readonly ManualResetEventSlim _isOver = new();
    private readonly CommunicatorOptions _options;
    private readonly Peer?[] _peers;
    private CommunicationException? _failure;
    private bool _hasLeft;

    /// <param name="connections">By rank: at the hub all but its own, elsewhere the hub's alone. The network owns them.</param>
    public RankNetwork(int rank, int hub, PeerConnection?[] connections, CommunicatorOptions options)
    {
        (Rank, Hub, _options) = (rank, hub, options);
        _peers = [.. connections.Select((connection, other) => connection is null ? null : new Peer(other, connection))];
        foreach (var peer in _peers.OfType<Peer>())
        {
            Start(() => Receive(peer), $"rebound from rank {peer.Rank}");
        }

        Start(Beat, "rebound heartbeat");
    }

    public int Rank { get; }

    public int Size => _peers.Length;

    /// <summary>The rank that all others are connected to.</summary>
    public int Hub { get; }

    public bool IsHub => Rank == Hub;

    /// <summary>Cancelled by the first failure.</summary>
    public CancellationToken Failed => _failed.Token;

    /// <summary>The first failure.</summary>
    public CommunicationException? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <summary>Sends to a rank that this one is connected to.</summary>
    public void Send(int rank, FrameKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest = default)
    {
        lock (_lock)
        {
            ThrowFailure();
        }

        try
        {
            _peers[rank]!.Connection.Send(kind, head, rest);
        }
        catch (IOException)
        {
            FailClosed(_peers[rank]!);
            lock (_lock)
            {
                ThrowFailure();
            }
        }
    }

    /// <summary>The next message or data of a rank that this one is connected to; the caller disposes it.</summary>
    /// <param name="call">The collective that it belongs to, for the message of a failure.</param>
    public Frame Receive(int rank, CollectiveCall call)
    {
        var peer = _peers[rank]!;
        var patience = IsHub ? _options.CollectiveTimeout : _options.CollectiveTimeout + HubsLead;
        var clock = Stopwatch.StartNew();
        lock (_lock)
        {
            Frame frame;
            while (!peer.Inbox.TryDequeue(out frame))
            {
                ThrowFailure();
                var left = patience - clock.Elapsed;
                if (peer.HasLeft || left <= TimeSpan.Zero)
                {
                    Fail(new CommunicationException(rank, peer.HasLeft
                        ? $"has ended, and {call} needs all ranks"
                        : $"did not come to {call} within {patience.TotalSeconds:0.###} s"));
                    ThrowFailure();
                }

                Monitor.Wait(_lock, left);
            }

            return frame;
        }
    }

    /// <summary>Ends what ranks wait for, here and on all others; the first failure stays.</summary>
    public void Fail(CommunicationException failure)
    {
        lock (_lock)
        {
            if (_failure is not null || _hasLeft)
            {
                return;
            }

            _failure = failure;
            Monitor.PulseAll(_lock);
        }

        // Elsewhere than on this thread, which may hold the lock or be the one that others' messages come through.
        Start(() => TellFailure(failure), "rebound failure");
    }

    /// <summary>Says farewell and closes the connections when the others have.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_hasLeft)
            {
                return;
            }

            _hasLeft = true;
        }

        _isOver.Set();
        foreach (var peer in _peers.OfType<Peer>())
        {
            if (_failure is { } failure)
            {
                peer.Connection.TrySend(FrameKind.Failure, RankFailure.Write(failure), FailurePatience);
            }

            peer.Connection.TrySend(FrameKind.Farewell, [], FailurePatience);
            peer.Connection.EndSending();
        }
    }

    private static void Start(Action work, string name) => new Thread(() => work()) { IsBackground = true, Name = name }.Start();

    private void TellFailure(CommunicationException failure)
    {
        foreach (var peer in _peers.OfType<Peer>())
        {
            if (peer.Rank == failure.Rank && peer.Rank != Rank && !peer.HasLeft)
            {
                peer.Connection.TrySend(FrameKind.Failure, RankFailure.Write(failure), TimeSpan.Zero);
                peer.Connection.Dispose(); // A thread that sends to it may wait.
            }
            else
            {
                peer.Connection.TrySend(FrameKind.Failure, RankFailure.Write(failure), FailurePatience);
            }
        }

        _failed.Cancel();
    }

    private void Receive(Peer peer)
    {
        try
        {
            while (peer.Connection.Receive() is { } frame)
            {
                Take(peer, frame);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
        {
            // Closed without a farewell, or by this side.
        }

        FailClosed(peer);
        peer.Connection.Dispose();
    }

    private void Take(Peer peer, Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Message or FrameKind.Data:
                lock (_lock)
                {
                    peer.Inbox.Enqueue(frame);
                    Monitor.PulseAll(_lock);
                }

                return;
            case FrameKind.Failure:
                Fail(RankFailure.Read(frame.Payload));
                break;
            case FrameKind.Farewell:
                lock (_lock)
                {
                    peer.HasLeft = true;
                    Monitor.PulseAll(_lock);
                }

                break;
        }

        frame.Dispose();
    }

    private void FailClosed(Peer peer)
    {
        if (!peer.HasLeft)
        {
            Fail(new CommunicationException(
                peer.Rank, "closed its connection without a farewell: it was killed, it crashed, or its network failed"));
        }
    }

    /// <summary>
    /// Counts in beats rather than in time: a process that was stopped itself, and goes on, has not missed what others sent meanwhile.
    /// </summary>
    private void Beat()
    {
        while (!_isOver.Wait(_options.HeartbeatTimeout / Beats))
        {
            foreach (var peer in _peers.OfType<Peer>().Where(peer => !peer.HasLeft))
            {
                peer.Connection.TrySend(FrameKind.Heartbeat, [], TimeSpan.Zero);
                peer.Missed = peer.Connection.TakeHeard() ? 0 : peer.Missed + 1;
                if (peer.Missed > Beats)
                {
                    Fail(new CommunicationException(
                        peer.Rank,
                        $"was not heard of for {_options.HeartbeatTimeout.TotalSeconds:0.###} s: it hangs, or its network failed"));
                }
            }
        }
    }

    /// <summary>An exception of each thread's own: one that is thrown by several would mix up their stacks.</summary>
    private void ThrowFailure()
    {
        ObjectDisposedException.ThrowIf(_hasLeft, typeof(Communicator));
        if (_failure is { } failure)
        {
            throw new CommunicationException(failure.Rank, failure.Cause);
        }
    }
}
