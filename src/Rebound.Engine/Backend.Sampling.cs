namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>Allocates what draws tokens for up to a number of rows; the caller owns it.</summary>
    /// <param name="rows">Most rows, at least 1.</param>
    /// <param name="vocabulary">V, at least 1.</param>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public PreparedSampling AllocateSampling(int rows, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        return AllocateSamplingCore(rows, vocabulary);
    }

    /// <summary>
    /// Draws a token for some of the rows from their logits, by what each row was refilled with. What is enqueued depends on
    /// <paramref name="count"/> alone, so that it can be recorded in a CUDA graph and serve other rows.
    /// </summary>
    /// <param name="logits">[logit rows of those rows, V], fp32; undefined afterwards.</param>
    /// <param name="first">The first of the rows.</param>
    public void Sample(PreparedSampling sampling, Tensor logits, int first, int count)
    {
        Expect.Sampling(sampling);
        if (first < 0 || count < 0 || (long)first + count > sampling.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(first), first, $"Rows {first} to {(long)first + count} are outside of the {sampling.Count} rows to be drawn for.");
        }

        Expect.Floats(
            logits, new Shape(sampling.FirstLogitRow(first + count) - sampling.FirstLogitRow(first), sampling.Vocabulary));
        SampleCore(sampling, logits, first, count);
    }

    /// <summary>
    /// Feeds drawn tokens back on the device: for every token t of the batch with a source of at least 0,
    /// <c>tokens[t] = drawn[sources[t]]</c>, as <see cref="EmbeddingForward"/> then reads them, until the next refill.
    /// </summary>
    public void FeedDrawn(PreparedBatch batch, PreparedSampling sampling)
    {
        Expect.Batch(batch);
        Expect.Sampling(sampling);
        if (batch.LargestSource >= sampling.Capacity)
        {
            throw new ShapeException(
                nameof(FeedDrawn), nameof(batch), $"of sources below {sampling.Capacity}", $"of source {batch.LargestSource}");
        }

        if (batch.LargestSource >= 0)
        {
            FeedDrawnCore(batch, sampling);
        }
    }
}
