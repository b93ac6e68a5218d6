using System.Runtime.ExceptionServices;
using Rebound.Engine.Collectives;

namespace Rebound.Engine.Tests.Collectives;

/// <summary>Ranks that come together as processes do, over sockets, here on threads of the tests.</summary>
internal static class ProcessRanks
{
    /// <summary>Runs the same work on every rank; rank 0 listens.</summary>
    /// <param name="change">What a rank says of itself; null for the same of all.</param>
    public static void Run(
        int size, Action<Communicator> work, CommunicatorOptions? options = null, Func<RankMembership, RankMembership>? change = null)
    {
        var failures = Each(size, membership =>
        {
            using var ranks = Rendezvous.Join((change ?? (same => same))(membership), options, TestContext.Current.CancellationToken);
            work(ranks);
        });
        failures.OfType<Exception>().Select(ExceptionDispatchInfo.Capture).FirstOrDefault()?.Throw();
    }

    /// <summary>What came of each rank: its exception, or null.</summary>
    public static Exception?[] Each(int size, Action<RankMembership> work)
    {
        using var listener = RankListener.OpenLocal();
        var failures = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                work(new RankMembership
                {
                    Rank = rank,
                    Size = size,
                    LocalRank = rank,
                    Port = listener.Port,
                    Origin = "the test",
                    Listener = rank == 0 ? listener : null,
                });
            }
#pragma warning disable CA1031 // Looked at by the test.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures[rank] = e;
            }
        })
        { IsBackground = true }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return failures;
    }
}
