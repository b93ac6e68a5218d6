namespace Rebound.Engine;

/// <summary>
/// A packed batch as a backend's operations read it: its lists, its selected rows and the pages of its sequences in the
/// backend's memory. Made once for batches up to a capacity (<see cref="Backend.AllocateBatch"/>) and refilled with one after
/// the other, it keeps its memory and its addresses, so that a recorded CUDA graph can read the current batch.
/// </summary>
public abstract class PreparedBatch : IDisposable
{
    private readonly int[] _rows;
    private readonly int[] _sources;
    private int _rowCount;
    private PackedBatch? _batch;

    protected PreparedBatch(Device device, BatchCapacity capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity.Tokens, 1, nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity.Documents, 1, nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfNegative(capacity.SequencePages, nameof(capacity));
        (Device, Capacity, _rows, _sources) = (device, capacity, new int[capacity.Tokens], new int[capacity.Tokens]);
    }

    /// <summary>Of the backend that it serves.</summary>
    public Device Device { get; }

    public BatchCapacity Capacity { get; }

    /// <summary>The batch that it was filled with last.</summary>
    /// <exception cref="InvalidOperationException">It has not been filled.</exception>
    public PackedBatch Batch => _batch ?? throw new InvalidOperationException("The prepared batch has not been filled yet.");

    /// <summary>The pages of each document's sequence; null without a cache.</summary>
    public PageTable? Pages { get; private set; }

    /// <summary>[R] the selected rows, which <see cref="Backend.GatherRows"/> takes.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _rowCount);

    /// <summary>Whether the selected rows ascend, each after the one before it.</summary>
    public bool RowsAscend { get; private set; }

    /// <summary>
    /// [T] the row of a <see cref="PreparedSampling"/> that each token is drawn for, −1 for the batch's own; empty where all are.
    /// </summary>
    public ReadOnlySpan<int> Sources => LargestSource < 0 ? [] : _sources.AsSpan(0, TokenCount);

    /// <summary>The largest of <see cref="Sources"/>, −1 where all tokens are the batch's own.</summary>
    public int LargestSource { get; private set; } = -1;

    public int TokenCount => Batch.TokenCount;

    public int DocumentCount => Batch.DocumentCount;

    /// <summary>Whether every document is one token that continues a cached sequence, so that row d is document d.</summary>
    public bool IsDecoding => Pages is not null && TokenCount == DocumentCount;

    /// <summary>Replaces the batch by another one. Once every list that is used has been made, this allocates nothing.</summary>
    /// <param name="rows">[R] the rows to be selected: those that the head reads, usually.</param>
    /// <param name="pages">For each document the pages of its sequence, which hold all positions of the batch.</param>
    /// <param name="sources">
    /// [T] for <see cref="Backend.FeedDrawn"/> the row that a token is drawn for, −1 for the batch's own; empty where all are.
    /// </param>
    /// <exception cref="ShapeException">
    /// The batch is beyond the capacity, or rows, pages or sources do not fit it; nothing was changed.
    /// </exception>
    public void Refill(PackedBatch batch, ReadOnlySpan<int> rows, PageTable? pages = null, ReadOnlySpan<int> sources = default)
    {
        Check(batch, rows, pages);
        Check(batch, sources);
        (_batch, Pages, _rowCount) = (batch, pages, rows.Length);
        rows.CopyTo(_rows);
        sources.CopyTo(_sources);
        LargestSource = Largest(sources);
        RowsAscend = Ascend(rows);
        RefillCore();
    }

    /// <summary>
    /// Makes every list that operations have asked for before, so that a <see cref="Recording"/> of them, which cannot ask, reads those of
    /// this batch.
    /// </summary>
    public virtual void Derive()
    {
    }

    public abstract void Dispose();

    /// <summary>Takes the new batch over: its lists may be made when they are first asked for.</summary>
    protected abstract void RefillCore();

    private void Check(PackedBatch batch, ReadOnlySpan<int> rows, PageTable? pages)
    {
        var size = BatchCapacity.Of(batch, pages);
        if (!Capacity.Holds(size))
        {
            throw new ShapeException(nameof(Refill), nameof(batch), $"of at most {Capacity}", $"of {size}");
        }

        if (rows.Length > Capacity.Tokens)
        {
            throw new ShapeException(nameof(Refill), nameof(rows), $"at most {Capacity.Tokens}", $"{rows.Length}");
        }

        foreach (var row in rows)
        {
            if ((uint)row >= (uint)batch.TokenCount)
            {
                throw new ShapeException(nameof(Refill), nameof(rows), $"of rows 0 to {batch.TokenCount - 1}", $"row {row}");
            }
        }

        if (pages is null)
        {
            return;
        }

        if (pages.Sequences != batch.DocumentCount)
        {
            throw new ShapeException(nameof(Refill), nameof(pages), $"of {batch.DocumentCount} sequences", $"of {pages.Sequences}");
        }

        for (var d = 0; d < pages.Sequences; d++)
        {
            var last = batch.Positions[batch.DocumentStarts[d + 1] - 1];
            var (needed, count) = ((last / PageTable.PageTokens) + 1, pages.Pages(d).Length);
            if (count < needed)
            {
                throw new ShapeException(
                    nameof(Refill), nameof(pages), $"of {needed} pages for sequence {d}, which ends at position {last}", $"of {count}");
            }
        }
    }

    private static void Check(PackedBatch batch, ReadOnlySpan<int> sources)
    {
        if (!sources.IsEmpty && sources.Length != batch.TokenCount)
        {
            throw new ShapeException(nameof(Refill), nameof(sources), $"of {batch.TokenCount} tokens", $"of {sources.Length}");
        }

        foreach (var source in sources)
        {
            if (source < -1)
            {
                throw new ShapeException(nameof(Refill), nameof(sources), "of rows from 0 on, or -1", $"{source}");
            }
        }
    }

    private static int Largest(ReadOnlySpan<int> sources)
    {
        var largest = -1;
        foreach (var source in sources)
        {
            largest = Math.Max(largest, source);
        }

        return largest;
    }

    private static bool Ascend(ReadOnlySpan<int> rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (rows[i] <= rows[i - 1])
            {
                return false;
            }
        }

        return true;
    }
}
