namespace Rebound.Training;

/// <summary>
/// Packs documents into as few batches as <see cref="BestFitPacking"/> does, and fills them evenly: a step has no small
/// batch at its end, which would take more time for each of its tokens, and its largest one takes less memory.
/// </summary>
public static class EvenPacking
{
    /// <summary>
    /// Every index of <paramref name="lengths"/> exactly once: the longest first, each into the emptiest batch (Graham 1969,
    /// "Bounds on multiprocessing timing anomalies"). Where that does not keep the budget, the batches are those of best fit.
    /// </summary>
    /// <param name="lengths">Tokens of each document.</param>
    /// <param name="budget">Tokens of a batch, or of one document that is longer.</param>
    /// <param name="multiple">Batches are a multiple of this number, as far as there are documents for them.</param>
    /// <returns>The batches, none of them empty, each in the order of <paramref name="lengths"/>.</returns>
    public static int[][] Pack(ReadOnlySpan<int> lengths, int budget, int multiple = 1)
    {
        var fewest = BestFitPacking.Pack(lengths, budget);
        var count = Math.Min((fewest.Length + multiple - 1) / multiple * multiple, lengths.Length);
        if (count < 2)
        {
            return fewest;
        }

        var keys = lengths.ToArray();
        var (packs, tokens) = (Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray(), new int[count]);
        foreach (var document in Enumerable.Range(0, keys.Length).OrderByDescending(document => keys[document]))
        {
            var emptiest = Array.IndexOf(tokens, tokens.Min());
            packs[emptiest].Add(document);
            tokens[emptiest] += keys[document];
        }

        var fits = packs.Zip(tokens).All(pack => pack.First.Count == 1 || pack.Second <= budget);
        return fits ? [.. packs.Select(pack => pack.Order().ToArray())] : fewest;
    }
}
