using System.Net;
using System.Net.Sockets;
using Rebound.Engine.Collectives;

namespace Rebound.Engine.Tests.Collectives;

[Collection("Ranks that are processes")]
public sealed class RendezvousTests
{
    private static readonly CommunicatorOptions Short = new() { RendezvousTimeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public void Ranks_that_disagree_are_told_in_one_sentence_what_differs_between_which()
    {
        var failures = Join(4, membership => membership with
        {
            Facts = new Dictionary<string, string>
            {
                ["version"] = "0.1.0",
                ["--learning-rate"] = membership.Rank == 2 ? "2e-5" : "1e-5",
            },
        });

        Assert.All(failures, failure => Assert.Equal(
            "The ranks do not agree: --learning-rate is 1e-5 on ranks 0, 1 and 3, but 2e-5 on rank 2. "
            + "Start every rank with the same program, options and files.", Assert.IsType<RendezvousException>(failure).Message));
    }

    [Fact]
    public void A_fact_that_a_rank_lacks_is_a_difference()
    {
        var failures = Join(2, membership => membership with
        {
            Facts = membership.Rank == 0 ? new Dictionary<string, string> { ["train.jsonl"] = "crc32c 1234" } : membership.Facts,
        });

        Assert.All(failures, failure => Assert.StartsWith(
            "The ranks do not agree: train.jsonl is crc32c 1234 on rank 0, but not there on rank 1.", failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_ranks_on_one_device_are_told_which()
    {
        var failures = Join(3, membership => membership with { ComputeDevice = membership.Rank == 1 ? "GPU 1" : "GPU 0" });

        Assert.All(failures, failure => Assert.StartsWith(
            $"Ranks 0 and 2 would all compute on GPU 0 of the host {Environment.MachineName}: ", failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Ranks_that_do_not_come_are_named_with_where_and_how_long_they_were_waited_for()
    {
        using var listener = RankListener.OpenLocal();

        var failure = Assert.Throws<RendezvousException>(() => Rendezvous.Join(
            new RankMembership { Rank = 0, Size = 4, Port = listener.Port, Listener = listener, Origin = "MASTER_ADDR" }, Short,
            TestContext.Current.CancellationToken));

        Assert.Matches(
            @"^Ranks 1 to 3 of 4 did not come to rank 0, which waited \d+(\.\d)? s at port \d+ of the host \S+ \(127\.0\.0\.1:\d+ by MASTER_ADDR\)\.$",
            failure.Message);
    }

    [Fact]
    public void A_meeting_place_that_is_not_reached_is_named_with_the_time_and_the_last_cause()
    {
        using var closed = RankListener.OpenLocal();
        var port = closed.Port;
        closed.Dispose();

        var failure = Assert.Throws<RendezvousException>(() => Rendezvous.Join(
            new RankMembership { Rank = 1, Size = 2, LocalRank = 1, Port = port, Origin = "--master-addr" }, Short,
            TestContext.Current.CancellationToken));

        Assert.StartsWith($"Rank 1 did not reach the others at 127.0.0.1:{port} within ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("by --master-addr; last, 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_nobody_knows_is_said()
    {
        var failure = Assert.Throws<RendezvousException>(() => Rendezvous.Join(
            new RankMembership { Rank = 1, Size = 2, Host = "no-such-host.invalid" }, Short, TestContext.Current.CancellationToken));

        Assert.Contains("the name no-such-host.invalid is not known", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_that_were_told_of_different_sizes_are_told_so()
    {
        var failures = Join(2, membership => membership.Rank == 0 ? membership : membership with { Size = 3 });

        Assert.All(failures, failure => Assert.Equal(
            "Rank 1 was told of 3 ranks, and rank 0 of 2: start all of a run with the same numbers.", failure!.Message));
    }

    [Fact]
    public void Two_processes_of_one_rank_are_told_so()
    {
        var failures = Join(3, membership => membership with { Rank = Math.Min(membership.Rank, 1) });

        Assert.Contains(failures, failure =>
            failure is RendezvousException && failure.Message.StartsWith("Two processes call themselves rank 1: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_meeting_can_be_interrupted()
    {
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();
        using var listener = RankListener.OpenLocal();
        var first = new RankMembership { Rank = 0, Size = 2, Port = listener.Port, Listener = listener };

        Assert.ThrowsAny<OperationCanceledException>(() => Rendezvous.Join(first, null, interrupted.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Rendezvous.Join(first with { Rank = 1, LocalRank = 1, Listener = null }, null, interrupted.Token));
    }

    /// <summary>A server that speaks first in another way, one that says nothing, and one of another job come before the right one.</summary>
    [Fact]
    public void Ports_that_others_have_are_passed_over()
    {
        using var talker = new TcpListener(IPAddress.Loopback, 0);
        talker.Start();
        var port = ((IPEndPoint)talker.LocalEndpoint).Port;
        _ = Task.Run(
            async () =>
            {
                while (true)
                {
                    using var client = await talker.AcceptSocketAsync(TestContext.Current.CancellationToken);
                    await client.SendAsync("220 mail.example ESMTP\r\n"u8.ToArray());
                }
            },
            TestContext.Current.CancellationToken);

        var failures = new Exception?[2];
        var threads = Enumerable.Range(0, 2).Select(rank => new Thread(() =>
        {
            try
            {
                using var ranks = Rendezvous.Join(
                    new RankMembership { Rank = rank, Size = 2, LocalRank = rank, Port = port, Job = "a" }, null,
                    TestContext.Current.CancellationToken);
                Assert.Equal(1, ranks.Sum(ranks.Rank));
            }
#pragma warning disable CA1031 // Looked at below.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures[rank] = e;
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(failures, Assert.Null);
    }

    /// <summary>Under torchrun the host of MASTER_ADDR need not be rank 0's: here rank 0 has no place there, and rank 1 does.</summary>
    [Fact]
    public void Rank_0_need_not_be_where_ranks_meet()
    {
        using var listener = RankListener.OpenLocal();
        var failures = ProcessRanks.Each(3, membership =>
        {
            using var ranks = Rendezvous.Join(
                membership with
                {
                    Listener = membership.Rank == 1 ? listener : null,
                    Port = listener.Port,
                    LocalRank = membership.Rank == 1 ? 0 : 1,
                },
                null, TestContext.Current.CancellationToken);
            CommunicatorChecks.Check(ranks);
        });

        Assert.All(failures, Assert.Null);
    }

    private static Exception?[] Join(int size, Func<RankMembership, RankMembership> change) => ProcessRanks.Each(size, membership =>
    {
        using var ranks = Rendezvous.Join(change(membership), null, TestContext.Current.CancellationToken);
    });
}
