using System.Diagnostics;
using Rebound.Engine.Collectives.Network;

namespace Rebound.Engine.Collectives;

/// <summary>
/// Brings the processes of a run together before any of them touches a device. One listens and the others come to it: the first process
/// of the host that the meeting place names, which need not have rank 0; where no process of that host is there (the name is that of a
/// service, or of a machine that only starts others), rank 0 does.
/// </summary>
public static class Rendezvous
{
    /// <summary>Ports that are tried from the given one on, where something else has it.</summary>
    public const int Ports = 8;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Joins the other ranks, and returns when all have come and agree.</summary>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="RendezvousException">They did not come together in time, or do not agree.</exception>
    /// <exception cref="CommunicationException">One that had come ended while others were waited for.</exception>
    public static Communicator Join(RankMembership me, CommunicatorOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(me.Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(me.Rank, me.Size);
        options ??= new CommunicatorOptions();
        if (me.Size == 1)
        {
            return ThreadCommunicator.Create(1, options)[0];
        }

        var isThere = me.Listener is not null || (me.LocalRank == 0 && LocalAddresses.Include(me.Host));
        if (!isThere && me.Rank != 0)
        {
            return Come(me, options, cancellation);
        }

        using var opened = me.Listener is null ? Open(me) : null;
        return Receive(me, me.Listener ?? opened!, isThere, options, cancellation);
    }

    /// <summary>The ports from one on that there are.</summary>
    internal static IEnumerable<int> PortsFrom(int port) => Enumerable.Range(port, Ports).Where(port => port <= ushort.MaxValue);

    private static RankListener Open(RankMembership me)
    {
        var isLocal = LocalAddresses.IsLoopback(me.Host);
        return PortsFrom(me.Port).Select(port => RankListener.TryOpen(port, isLocal)).FirstOrDefault(listener => listener is not null)
            ?? throw new RendezvousException(
                $"Rank {me.Rank} cannot listen on port {me.Port} of the host {Environment.MachineName}, nor on the {Ports - 1} behind it "
                + $"({me.Origin}): they are taken. Give another with --master-port.");
    }

    /// <param name="isThere">Whether this process is on the host where ranks meet; else it looks there for others, too.</param>
    private static ProcessCommunicator Receive(
        RankMembership me, RankListener listener, bool isThere, CommunicatorOptions options, CancellationToken cancellation)
    {
        using var hub = new HubMeeting(me, listener);
        using var elsewhere = new PeerMeeting(me, listener);
        var clock = Stopwatch.StartNew();
        while (!hub.IsComplete)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!isThere && !hub.HasAny && !elsewhere.CameToItself && elsewhere.TryReach())
            {
                return Enter(me, elsewhere, clock, options, cancellation);
            }

            if (clock.Elapsed > options.RendezvousTimeout)
            {
                throw hub.Missing(clock.Elapsed);
            }

            hub.Take(Glance);
        }

        return new ProcessCommunicator(new RankNetwork(me.Rank, me.Rank, hub.Conclude(), options), options);
    }

    private static ProcessCommunicator Come(RankMembership me, CommunicatorOptions options, CancellationToken cancellation)
    {
        using var meeting = new PeerMeeting(me);
        var clock = Stopwatch.StartNew();
        var pause = Glance;
        cancellation.ThrowIfCancellationRequested();
        while (!meeting.TryReach())
        {
            if (clock.Elapsed > options.RendezvousTimeout)
            {
                throw new RendezvousException(
                    $"Rank {me.Rank} did not reach the others at {me.Host}:{me.Port} within {clock.Elapsed.TotalSeconds:0.#} s (by "
                    + $"{me.Origin}; last, {meeting.LastFailure}). See that a rank runs there, and that its ports {me.Port} to "
                    + $"{PortsFrom(me.Port).Last()} can be reached from the host {Environment.MachineName}.");
            }

            cancellation.WaitHandle.WaitOne(pause);
            cancellation.ThrowIfCancellationRequested();
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        return Enter(me, meeting, clock, options, cancellation);
    }

    /// <summary>Waits for the ranks that have not come yet.</summary>
    private static ProcessCommunicator Enter(
        RankMembership me, PeerMeeting meeting, Stopwatch clock, CommunicatorOptions options, CancellationToken cancellation)
    {
        // The hub, which knows who is missing, gives up first.
        var patience = options.RendezvousTimeout * 2;
        while (!meeting.TryEnter(Glance))
        {
            cancellation.ThrowIfCancellationRequested();
            if (clock.Elapsed > patience)
            {
                throw new RendezvousException(
                    $"Rank {meeting.Hub} at {me.Host}:{me.Port} said nothing for {clock.Elapsed.TotalSeconds:0.#} s.");
            }
        }

        var connections = new PeerConnection?[me.Size];
        connections[meeting.Hub] = meeting.Conclude();
        return new ProcessCommunicator(new RankNetwork(me.Rank, meeting.Hub, connections, options), options);
    }
}
