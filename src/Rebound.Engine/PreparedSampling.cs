namespace Rebound.Engine;

/// <summary>
/// The rows whose tokens are drawn together, and what was drawn for them, in a backend's memory. Made once for up to a number of rows
/// (<see cref="Backend.AllocateSampling"/>) and refilled for one step after the other, it keeps its addresses, so that a recorded CUDA
/// graph reads the current rows. One thread uses it at a time.
/// </summary>
public abstract class PreparedSampling : IDisposable
{
    /// <summary>Collections whose results are kept: one can be read while the next one is on its way.</summary>
    private protected const int Slots = 2;

    private readonly SamplingRow[] _rows;
    private readonly int[] _logitRows;
    private long _collections;

    private protected PreparedSampling(Device device, int rows, int vocabulary)
    {
        (Device, Vocabulary) = (device, vocabulary);
        (_rows, _logitRows) = (new SamplingRow[rows], new int[rows + 1]);
    }

    /// <summary>Of the backend that it serves.</summary>
    public Device Device { get; }

    /// <summary>The most rows.</summary>
    public int Capacity => _rows.Length;

    /// <summary>V.</summary>
    public int Vocabulary { get; }

    /// <summary>R: the rows that it was filled with last.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of logits of all of them: one each, and one more under guidance.</summary>
    public int LogitRows => _logitRows[Count];

    /// <summary>[R].</summary>
    public ReadOnlySpan<SamplingRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>The first row of logits of a row, all rows' counted; of R, the end.</summary>
    public int FirstLogitRow(int row) => _logitRows.AsSpan(0, Count + 1)[row];

    /// <summary>Replaces the rows by others; what was drawn stays until the next <see cref="Backend.Sample"/>.</summary>
    /// <param name="rows">At most <see cref="Capacity"/>; their edits are copied.</param>
    /// <exception cref="ArgumentException">There are too many, or one is outside of its range; nothing was changed.</exception>
    public void Refill(ReadOnlySpan<SamplingRow> rows)
    {
        if (rows.Length > Capacity)
        {
            throw new ShapeException(nameof(Refill), nameof(rows), $"at most {Capacity}", $"{rows.Length}");
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Problem(Vocabulary) is { } problem)
            {
                throw new ArgumentException($"{nameof(Refill)}: row {i} has {problem}.", nameof(rows));
            }
        }

        rows.CopyTo(_rows);
        Count = rows.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            _logitRows[i + 1] = _logitRows[i] + rows[i].LogitRows;
        }

        RefillCore();
    }

    /// <summary>Lets the results of all rows come to the host, after what was enqueued before; the host goes on.</summary>
    /// <returns>To be read before the second next collection.</returns>
    public SamplingTicket Collect()
    {
        _collections++;
        CollectCore((int)(_collections % Slots));
        return new SamplingTicket(_collections);
    }

    /// <summary>Waits for the results of a collection.</summary>
    /// <returns>[R] of the rows at that time, valid until the second next collection.</returns>
    /// <exception cref="InvalidOperationException">The ticket is another's, or too old.</exception>
    public ReadOnlySpan<SampledToken> Read(SamplingTicket ticket) =>
        ticket.Number > 0 && ticket.Number <= _collections && ticket.Number > _collections - Slots
            ? ReadCore((int)(ticket.Number % Slots))
            : throw new InvalidOperationException(
                $"Results of collection {ticket.Number} are not kept: there were {_collections}, and the last {Slots} are.");

    public abstract void Dispose();

    /// <summary>How many of the likeliest tokens a row gets.</summary>
    private protected int LikeliestCount(int row) => Math.Min(_rows[row].Likeliest, Vocabulary);

    private protected abstract void RefillCore();

    private protected abstract void CollectCore(int slot);

    private protected abstract ReadOnlySpan<SampledToken> ReadCore(int slot);
}
