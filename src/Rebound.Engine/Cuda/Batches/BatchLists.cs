namespace Rebound.Engine.Cuda;

/// <summary>Lists derived from a batch, each with capacity for the largest one.</summary>
internal abstract class BatchLists : IDisposable
{
    private int _refill;

    /// <summary>Fills them unless they are filled since this refill, counted from 1.</summary>
    public void FillFor(CudaBatch batch, int refill)
    {
        if (_refill != refill)
        {
            Fill(batch);
            _refill = refill;
        }
    }

    /// <summary>Derives them from the batch and uploads them.</summary>
    protected abstract void Fill(CudaBatch batch);

    public abstract void Dispose();
}

/// <summary>One list that is copied as it is.</summary>
internal sealed class CopiedList(CudaBatch batch, CopiedList.Source source) : BatchLists
{
    private readonly DeviceList _list = new(batch.Memory, batch.Capacity.Tokens);

    public delegate ReadOnlySpan<int> Source(CudaBatch batch);

    public nint Address => _list.Address;

    /// <summary>The device has changed it.</summary>
    public void Forget() => _list.Forget();

    protected override void Fill(CudaBatch batch)
    {
        var values = source(batch);
        _list.Clear();
        values.CopyTo(_list.Take(values.Length));
        _list.Upload();
    }

    public override void Dispose() => _list.Dispose();
}

/// <summary>The document of each row.</summary>
internal sealed class RowDocuments(CudaBatch batch) : BatchLists
{
    private readonly DeviceList _documents = new(batch.Memory, batch.Capacity.Tokens);

    /// <summary>[T].</summary>
    public nint Address => _documents.Address;

    protected override void Fill(CudaBatch batch)
    {
        _documents.Clear();
        var starts = batch.Batch.DocumentStarts;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            _documents.Take(starts[d + 1] - starts[d]).Fill(d);
        }

        _documents.Upload();
    }

    public override void Dispose() => _documents.Dispose();
}

/// <summary>The ends of each row's document.</summary>
internal sealed class DocumentEnds(CudaBatch batch) : BatchLists
{
    private readonly DeviceList _firstRows = new(batch.Memory, batch.Capacity.Tokens);
    private readonly DeviceList _endRows = new(batch.Memory, batch.Capacity.Tokens);

    /// <summary>[T] the first row of each row's document.</summary>
    public nint FirstRows => _firstRows.Address;

    /// <summary>[T] the row after the last of each row's document.</summary>
    public nint EndRows => _endRows.Address;

    protected override void Fill(CudaBatch batch)
    {
        _firstRows.Clear();
        _endRows.Clear();
        var starts = batch.Batch.DocumentStarts;
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var rows = starts[d + 1] - starts[d];
            _firstRows.Take(rows).Fill(starts[d]);
            _endRows.Take(rows).Fill(starts[d + 1]);
        }

        _firstRows.Upload();
        _endRows.Upload();
    }

    public override void Dispose()
    {
        _firstRows.Dispose();
        _endRows.Dispose();
    }
}
