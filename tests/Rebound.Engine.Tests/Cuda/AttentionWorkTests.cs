using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Cuda;

/// <summary>How the blocks of an attention kernel share its work; no GPU is needed for that.</summary>
public sealed class AttentionWorkTests
{
    [Theory]
    [InlineData(false, 0, 128)]
    [InlineData(true, 0, 128)]
    [InlineData(false, 100, 192)]
    [InlineData(true, 100, 192)]
    public void Every_token_of_every_head_is_in_one_item(bool ofKeys, int window, int tileTokens)
    {
        var batch = Numbers.Batch([1, 500, 64, 129, 1000, 128]);
        const int Heads = 3;
        var shares = Shares(new AttentionWork(ofKeys, Heads, window, tileTokens, Blocks: 7), batch);

        var owned = new int[Heads, batch.TokenCount];
        foreach (var item in shares.SelectMany(share => share))
        {
            var document = batch.DocumentStarts.IndexOf(item.Row - item.First);
            Assert.True(document >= 0);
            Assert.Equal(batch.DocumentStarts[document + 1] - batch.DocumentStarts[document], item.Length);
            Assert.Equal(0, item.First % tileTokens);
            Assert.InRange(item.Count, 1, Math.Min(tileTokens, item.Length - item.First));
            for (var row = item.Row; row < item.Row + item.Count; row++)
            {
                owned[item.Head, row]++;
            }
        }

        Assert.All(owned.Cast<int>(), times => Assert.Equal(1, times));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_block_has_more_than_another_by_more_than_the_longest_item(bool ofKeys)
    {
        var batch = Numbers.Batch([700, 30, 1600, 400, 450, 90, 2000]);
        var shares = Shares(new AttentionWork(ofKeys, Heads: 16, Window: 0, TileTokens: 128, Blocks: 32), batch);

        // Keys are seen by the queries from theirs on, queries see the keys up to theirs; steps are of 64.
        int Steps(WorkItem item) => ofKeys
            ? ((item.Length - 1) / 64) - (item.First / 64) + 1
            : ((item.First + item.Count - 1) / 64) + 1;
        var steps = shares.Select(share => share.Sum(item => Steps(item) + 2)).ToArray();
        Assert.True(steps.Max() - steps.Min() <= shares.SelectMany(share => share).Max(Steps) + 2, string.Join(' ', steps));
    }

    [Fact]
    public void Blocks_that_find_nothing_to_do_have_empty_shares()
    {
        var shares = Shares(new AttentionWork(OfKeys: true, Heads: 1, Window: 0, TileTokens: 128, Blocks: 5), Numbers.Batch([3, 2]));
        Assert.Equal([1, 1, 0, 0, 0], shares.Select(share => share.Length));
    }

    private static WorkItem[][] Shares(AttentionWork work, PackedBatch batch)
    {
        var division = new AttentionDivision(work, BatchCapacity.Of(batch));
        division.Divide(Numbers.Batch([3]), new int[division.MostInts]);
        var ints = new int[division.MostInts];
        var count = division.Divide(batch, ints);
        var items = MemoryMarshal.Cast<int, WorkItem>(ints.AsSpan((work.Blocks + 1)..count)).ToArray();
        Assert.Equal(items.Length, ints[work.Blocks]);
        return [.. Enumerable.Range(0, work.Blocks).Select(block => items[ints[block]..ints[block + 1]])];
    }
}
