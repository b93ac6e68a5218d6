using Rebound.Engine.Collectives;

namespace Rebound.Engine.Tests.Collectives;

[Collection("Ranks that are processes")]
public sealed class ProcessCommunicatorTests
{
    /// <summary>Small enough for the tensors of the checks to go over in several chunks, of an odd number of elements.</summary>
    private static readonly CommunicatorOptions SmallChunks = new() { ChunkBytes = 4044 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Collectives_through_shared_memory_give_what_threads_do(int size) => ProcessRanks.Run(size, ranks =>
    {
        Assert.Contains(size == 1 ? "alone" : "shared memory", ranks.Description, StringComparison.Ordinal);
        CommunicatorChecks.Check(ranks);
    }, SmallChunks);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Collectives_over_the_network_give_what_threads_do(int size) => ProcessRanks.Run(size, ranks =>
    {
        Assert.Contains("over TCP", ranks.Description, StringComparison.Ordinal);
        CommunicatorChecks.Check(ranks);
    }, SmallChunks with { SharesMemory = false });

    [Fact]
    public void Nothing_is_left_of_shared_memory_while_ranks_use_it() => ProcessRanks.Run(2, ranks =>
    {
        ranks.Barrier();
        var mapped = File.ReadLines("/proc/self/maps").Where(line => line.Contains("/rebound-", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(mapped);
        Assert.All(mapped, line => Assert.EndsWith("(deleted)", line, StringComparison.Ordinal));
        ranks.Barrier();
    });

    [Fact]
    public void An_abort_is_told_to_all_with_the_rank_and_the_reason() => ProcessRanks.Run(3, ranks =>
    {
        if (ranks.Rank == 2)
        {
            ranks.Abort("the loss is not a number");
        }

        var failure = Assert.Throws<CommunicationException>(() => ranks.Barrier());

        Assert.Equal("Rank 2 gave up: the loss is not a number.", failure.Message);
        Assert.Equal(2, ranks.Failure!.Rank);
        ranks.Failed.WaitHandle.WaitOne();
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_rank_that_ended_is_named_to_those_that_go_on(int ended)
    {
        var failures = ProcessRanks.Each(3, membership =>
        {
            using var ranks = Rendezvous.Join(membership, null, TestContext.Current.CancellationToken);
            if (ranks.Rank != ended)
            {
                ranks.Barrier();
            }
        });

        Assert.Null(failures[ended]);
        Assert.All(failures.OfType<Exception>(), failure =>
            Assert.Equal($"Rank {ended} has ended, and Barrier needs all ranks.", failure.Message));
        Assert.Equal(2, failures.OfType<CommunicationException>().Count());
    }

    [Fact]
    public void A_rank_that_lives_but_does_not_come_is_named()
    {
        var failures = ProcessRanks.Each(2, membership =>
        {
            var options = new CommunicatorOptions { CollectiveTimeout = TimeSpan.FromMilliseconds(membership.Rank == 0 ? 50 : 60_000) };
            using var ranks = Rendezvous.Join(membership, options, TestContext.Current.CancellationToken);
            if (ranks.Rank == 1)
            {
                ranks.Failed.WaitHandle.WaitOne();
            }

            ranks.Barrier();
        });

        Assert.All(failures, failure => Assert.Equal("Rank 1 did not come to Barrier within 0.05 s.", failure!.Message));
    }

    [Fact]
    public void Ranks_that_call_different_things_are_told_so() => ProcessRanks.Run(3, ranks =>
    {
        using var mine = new RankTensors(DType.Float32, ranks.Rank == 1 ? 6 : 9);

        var failure = Assert.Throws<CommunicationException>(() => ranks.AllReduce(mine.Tensor));

        Assert.Equal("Rank 1 called AllReduce of Float32[6] where rank 0 called AllReduce of Float32[9].", failure.Message);
    });
}
