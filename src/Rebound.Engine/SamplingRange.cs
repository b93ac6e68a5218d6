namespace Rebound.Engine;

/// <summary>Some of the rows that tokens are drawn for: those of one batch, where several batches draw.</summary>
/// <param name="First">The first of them.</param>
public readonly record struct SamplingRange(PreparedSampling Sampling, int First, int Count)
{
    /// <summary>The row after the last one.</summary>
    public int End => First + Count;

    /// <summary>Rows of logits of all of them.</summary>
    public int LogitRows => LogitRow(End);

    /// <summary>The first row of logits of a row, counted from those of <see cref="First"/>; of <see cref="End"/>, the end.</summary>
    public int LogitRow(int row) => Sampling.FirstLogitRow(row) - Sampling.FirstLogitRow(First);
}
