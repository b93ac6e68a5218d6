namespace Rebound.Training.Ranks;

/// <summary>Divides the batches of a step over ranks, so that they end together.</summary>
internal static class BatchDivision
{
    /// <summary>
    /// Every batch once: in rounds of one for each rank, the largest batches first, and within a round the larger ones to the ranks that
    /// have fewer tokens so far. Where batches are no multiple of the ranks, some ranks have none in the last round.
    /// </summary>
    /// <param name="tokens">Of each batch.</param>
    /// <returns>For each rank its batches; those of a single rank in their order.</returns>
    public static int[][] Of(IReadOnlyList<int> tokens, int ranks)
    {
        if (ranks == 1)
        {
            return [[.. Enumerable.Range(0, tokens.Count)]];
        }

        var (dealt, sums) = (Enumerable.Range(0, ranks).Select(_ => new List<int>()).ToArray(), new long[ranks]);
        foreach (var round in Enumerable.Range(0, tokens.Count).OrderByDescending(batch => tokens[batch]).Chunk(ranks))
        {
            foreach (var (batch, rank) in round.Zip([.. Enumerable.Range(0, ranks).OrderBy(rank => sums[rank])]))
            {
                dealt[rank].Add(batch);
                sums[rank] += tokens[batch];
            }
        }

        return [.. dealt.Select(batches => batches.ToArray())];
    }
}
