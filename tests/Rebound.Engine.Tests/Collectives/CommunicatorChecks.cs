using Rebound.Engine.Collectives;

namespace Rebound.Engine.Tests.Collectives;

/// <summary>The promises of every communicator, as one rank checks them together with the others.</summary>
internal static class CommunicatorChecks
{
    /// <summary>Collectives of every kind and many sizes, each against the same computed one element after the other.</summary>
    public static void Check(Communicator ranks)
    {
        int[] counts = [0, 1, 7, 15, 16, 17, 2048, 2049, 9001];
        foreach (var type in new[] { DType.Float32, DType.BFloat16 })
        {
            foreach (var count in counts)
            {
                CheckAllReduce(ranks, type, count);
                CheckReduceScatter(ranks, type, count * ranks.Size);
                CheckAllGather(ranks, type, count * ranks.Size);
                CheckBroadcast(ranks, type, count, root: ranks.Size - 1);
                CheckBegun(ranks, type, count * ranks.Size);
            }
        }

        Assert.Equal(Enumerable.Range(0, ranks.Size).Sum(rank => 1.0 / (rank + 3)), ranks.Sum(1.0 / (ranks.Rank + 3)));
        var messages = ranks.Exchange(Message(ranks.Rank));
        Assert.Equal(Enumerable.Range(0, ranks.Size).Select(Message), messages);
        ranks.Barrier();
    }

    private static byte[] Message(int rank) => [.. Enumerable.Range(0, rank * 50_000).Select(i => (byte)(i * (rank + 1)))];

    private static void CheckAllReduce(Communicator ranks, DType type, int count)
    {
        using var mine = new RankTensors(type, count).Fill(ranks.Rank);

        ranks.AllReduce(mine.Tensor);

        AssertSame(RankTensors.Sum(type, count, ranks.Size), mine.Bytes);
    }

    private static void CheckReduceScatter(Communicator ranks, DType type, int count)
    {
        using var mine = new RankTensors(type, count).Fill(ranks.Rank);

        ranks.ReduceScatter(mine.Tensor);

        AssertSame(Part(RankTensors.Sum(type, count, ranks.Size), ranks.Rank, ranks.Size), Part(mine.Bytes, ranks.Rank, ranks.Size));
    }

    private static void CheckAllGather(Communicator ranks, DType type, int count)
    {
        using var mine = new RankTensors(type, count).Fill(ranks.Rank);

        ranks.AllGather(mine.Tensor);

        for (var rank = 0; rank < ranks.Size; rank++)
        {
            using var theirs = new RankTensors(type, count).Fill(rank);
            AssertSame(Part(theirs.Bytes, rank, ranks.Size), Part(mine.Bytes, rank, ranks.Size));
        }
    }

    /// <summary>Two that are begun one after the other, a third that is not, and waits at other places on each rank.</summary>
    private static void CheckBegun(Communicator ranks, DType type, int count)
    {
        using var sum = new RankTensors(type, count).Fill(ranks.Rank);
        using var all = new RankTensors(type, count).Fill(ranks.Rank);
        using var third = new RankTensors(type, count).Fill(ranks.Rank);

        var summed = ranks.BeginReduceScatter(sum.Tensor);
        var gathered = ranks.BeginAllGather(all.Tensor);
        if (ranks.Rank == 0)
        {
            ranks.Wait(summed);
        }

        ranks.AllReduce(third.Tensor);
        ranks.Wait(gathered);
        ranks.Wait(summed);

        var expected = RankTensors.Sum(type, count, ranks.Size);
        AssertSame(expected, third.Bytes);
        AssertSame(Part(expected, ranks.Rank, ranks.Size), Part(sum.Bytes, ranks.Rank, ranks.Size));
        using var last = new RankTensors(type, count).Fill(ranks.Size - 1);
        AssertSame(Part(last.Bytes, ranks.Size - 1, ranks.Size), Part(all.Bytes, ranks.Size - 1, ranks.Size));
    }

    private static void CheckBroadcast(Communicator ranks, DType type, int count, int root)
    {
        using var mine = new RankTensors(type, count).Fill(ranks.Rank);
        using var theirs = new RankTensors(type, count).Fill(root);

        ranks.Broadcast(mine.Tensor, root);

        AssertSame(theirs.Bytes, mine.Bytes);
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) => Assert.Equal(-1, FirstDifference(expected, actual));

    private static int FirstDifference(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        var common = expected.CommonPrefixLength(actual);
        return common == Math.Max(expected.Length, actual.Length) ? -1 : common;
    }

    private static byte[] Part(Span<byte> bytes, int rank, int size) =>
        bytes.Slice(rank * (bytes.Length / size), bytes.Length / size).ToArray();
}
