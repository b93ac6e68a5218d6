using System.Diagnostics;
using Rebound.Engine.Collectives.Network;

namespace Rebound.Engine.Collectives;

/// <summary>
/// Brings the processes of a run together before any of them touches a device. One listens and the others come to it: rank 0, if it runs
/// on the host that the meeting place names; else the first process of that host; and where no process runs there (the name is that of a
/// service, or of a machine that only starts others), rank 0 all the same.
/// </summary>
public static class Rendezvous
{
    /// <summary>Ports that are tried from the given one on, where something else has it.</summary>
    public const int Ports = 8;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>How long rank 0 is looked for at a place where another rank may listen as well.</summary>
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(3);

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

        var isThere = me.LocalRank == 0 && LocalAddresses.Include(me.Host);
        if (me.Listener is null && me.Rank != 0)
        {
            if (!isThere)
            {
                return Come(me, options, cancellation);
            }

            if (ComeSoon(me, options, cancellation) is { } joined)
            {
                return joined;
            }
        }

        using var opened = me.Listener is null ? Open(me) : null;
        return Receive(me, me.Listener ?? opened!, options, cancellation);
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

    /// <summary>Rank 0 looks for another that listens meanwhile, unless it has told others where it does.</summary>
    private static ProcessCommunicator Receive(
        RankMembership me, RankListener listener, CommunicatorOptions options, CancellationToken cancellation)
    {
        using var hub = new HubMeeting(me, listener);
        using var search = me.Rank == 0 && me.Listener is null ? new ElsewhereSearch(new PeerMeeting(me, listener)) : null;
        var clock = Stopwatch.StartNew();
        while (!hub.IsComplete)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!hub.HasAny && search?.Take() is { } found)
            {
                using (found)
                {
                    return Enter(me, found, clock, options, cancellation);
                }
            }

            if (clock.Elapsed > options.RendezvousTimeout)
            {
                throw hub.Missing(clock.Elapsed);
            }

            hub.Take(Glance);
        }

        return new ProcessCommunicator(new RankNetwork(me.Rank, me.Rank, hub.Conclude(), options), options);
    }

    /// <summary>The first process of a host that two hosts of the run may be: rank 0 may listen there, too.</summary>
    /// <returns>Null where nobody listens there.</returns>
    private static ProcessCommunicator? ComeSoon(RankMembership me, CommunicatorOptions options, CancellationToken cancellation)
    {
        using var meeting = new PeerMeeting(me);
        var clock = Stopwatch.StartNew();
        while (!meeting.TryReach())
        {
            if (clock.Elapsed > FirstPatience)
            {
                return null;
            }

            cancellation.WaitHandle.WaitOne(Glance);
            cancellation.ThrowIfCancellationRequested();
        }

        return Enter(me, meeting, clock, options, cancellation);
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
