using Rebound.Engine.Collectives;

namespace Rebound.Engine.Tests.Collectives;

public sealed class ThreadCommunicatorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_collective_gives_every_rank_what_the_ranks_have_in_order(int size) =>
        ThreadCommunicator.Run(size, CommunicatorChecks.Check);

    [Fact]
    public void A_sum_of_bf16_rounds_once_and_keeps_infinities_and_NaN()
    {
        ushort[] one = [0x3f80, 0x7f80, 0x7f80, 0x7fc1, 0x7f7f, 0x3f80];
        ushort[] other = [0x3b80, 0x3f80, 0xff80, 0x3f80, 0x7f7f, 0x3c40];
        ThreadCommunicator.Run(2, ranks =>
        {
            using var mine = new RankTensors(DType.BFloat16, one.Length);
            (ranks.Rank == 0 ? one : other).CopyTo(mine.Tensor.AsSpan<ushort>());

            ranks.AllReduce(mine.Tensor);

            // 1 + 2⁻⁸ lies between two: even; ∞; ∞ − ∞; NaN; beyond the largest; 1 + 3·2⁻⁸ between two: even.
            var sum = mine.Tensor.AsSpan<ushort>();
            Assert.Equal([0x3f80, 0x7f80], sum[..2].ToArray());
            Assert.True(float.IsNaN(Wide(sum[2])) && float.IsNaN(Wide(sum[3])));
            Assert.Equal([0x7f80, 0x3f82], sum[4..].ToArray());
        });
    }

    [Fact]
    public void What_is_begun_is_done_when_it_is_waited_for() => ThreadCommunicator.Run(2, ranks =>
    {
        using var first = new RankTensors(DType.Float32, 2).Fill(ranks.Rank);
        using var second = new RankTensors(DType.Float32, 2).Fill(ranks.Rank);
        byte[] before = [.. first.Bytes];

        var (one, two) = (ranks.BeginAllGather(first.Tensor), ranks.BeginAllGather(second.Tensor));
        Assert.Equal([before, before], [first.Bytes.ToArray(), second.Bytes.ToArray()]);
        ranks.Wait(one);
        Assert.NotEqual(before, first.Bytes.ToArray());
        Assert.Equal(before, second.Bytes.ToArray());
        ranks.Wait(two);
        Assert.Equal(first.Bytes.ToArray(), second.Bytes.ToArray());
    });

    [Fact]
    public void A_rank_that_throws_ends_the_others_and_its_exception_is_the_one_that_is_thrown()
    {
        var seen = new CommunicationException?[3];

        var thrown = Assert.Throws<InvalidDataException>(() => ThreadCommunicator.Run(3, ranks =>
        {
            if (ranks.Rank == 1)
            {
                throw new InvalidDataException("data/train.jsonl, line 7: no such field.");
            }

            seen[ranks.Rank] = Assert.Throws<CommunicationException>(() => ranks.Barrier());
        }));

        Assert.Equal("data/train.jsonl, line 7: no such field.", thrown.Message);
        Assert.Equal("Rank 1 gave up: data/train.jsonl, line 7: no such field.", seen[0]!.Message);
        Assert.Equal((1, 1), (seen[0]!.Rank, seen[2]!.Rank));
    }

    [Fact]
    public void After_a_failure_every_rank_fails_the_same_way() => ThreadCommunicator.Run(2, ranks =>
    {
        if (ranks.Rank == 0)
        {
            ranks.Abort("the loss is not a number");
            ranks.Abort("something that came later");
        }

        for (var i = 0; i < 2; i++)
        {
            var failure = Assert.Throws<CommunicationException>(() => ranks.Sum(1));
            Assert.Equal("Rank 0 gave up: the loss is not a number.", failure.Message);
        }
    });

    [Fact]
    public void A_rank_that_ended_is_named_to_those_that_go_on()
    {
        var failure = Assert.Throws<CommunicationException>(() => ThreadCommunicator.Run(2, ranks =>
        {
            if (ranks.Rank == 0)
            {
                ranks.Barrier();
            }
        }));

        Assert.Equal(1, failure.Rank);
        Assert.Contains("ended", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_that_does_not_come_is_named()
    {
        var ranks = ThreadCommunicator.Create(2, new CommunicatorOptions { CollectiveTimeout = TimeSpan.FromMilliseconds(1) });

        var failure = Assert.Throws<CommunicationException>(() => ranks[0].Barrier());

        Assert.Equal("Rank 1 did not come to Barrier within 0.001 s.", failure.Message);
    }

    [Fact]
    public void Ranks_that_call_different_things_are_told_so() => ThreadCommunicator.Run(3, ranks =>
    {
        using var mine = new RankTensors(DType.Float32, ranks.Rank == 2 ? 6 : 9);

        var failure = Assert.Throws<CommunicationException>(() => ranks.AllReduce(mine.Tensor));

        Assert.Equal("Rank 2 called AllReduce of Float32[6] where rank 0 called AllReduce of Float32[9].", failure.Message);
    });

    [Fact]
    public void A_tensor_that_a_collective_does_not_take_is_refused_before_any_work()
    {
        using var ranks = ThreadCommunicator.Create(2)[0];
        using var odd = new RankTensors(DType.Float32, 7);
        using var ids = new RankTensors(DType.Int32, 8);
        var elsewhere = new Tensor(odd.Tensor.Address, new Shape(7), DType.Float32, new Device("another device"));

        Assert.Throws<ShapeException>(() => ranks.AllReduce(default));
        Assert.Throws<ShapeException>(() => ranks.AllReduce(ids.Tensor));
        Assert.Throws<ShapeException>(() => ranks.ReduceScatter(odd.Tensor));
        Assert.Throws<ShapeException>(() => ranks.AllGather(odd.Tensor));
        Assert.Throws<DeviceException>(() => ranks.AllReduce(elsewhere));
        Assert.Throws<ArgumentOutOfRangeException>(() => ranks.Broadcast(odd.Tensor, 2));
    }

    private static float Wide(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
