namespace Rebound.Engine.Cuda;

/// <summary>The pages of a batch's sequences.</summary>
internal sealed class CachePages(CudaBatch batch) : BatchLists
{
    private readonly DeviceList _pages = new(batch.Memory, (long)batch.Capacity.Documents * batch.Capacity.SequencePages);
    private readonly DeviceList _starts = new(batch.Memory, batch.Capacity.Documents);

    /// <summary>[D, pages of a sequence], zero behind the last one of each.</summary>
    public nint Pages => _pages.Address;

    /// <summary>[D] where in <see cref="Pages"/> each sequence begins.</summary>
    public nint Starts => _starts.Address;

    protected override void Fill(CudaBatch batch)
    {
        _pages.Clear();
        _starts.Clear();
        for (var d = 0; d < batch.Pages?.Sequences; d++)
        {
            _starts.Add(_pages.Count);
            var pages = batch.Pages.Pages(d);
            var row = _pages.Take(batch.Capacity.SequencePages);
            pages.CopyTo(row);
            row[pages.Length..].Clear();
        }

        _pages.Upload();
        _starts.Upload();
    }

    public override void Dispose()
    {
        _pages.Dispose();
        _starts.Dispose();
    }
}

/// <summary>Where a batch's tokens go in the pages.</summary>
internal sealed class CacheSlots(CudaBatch batch) : BatchLists
{
    private readonly DeviceList _slots = new(batch.Memory, batch.Capacity.Tokens);

    /// <summary>[T] page · <see cref="PageTable.PageTokens"/> + place of every token.</summary>
    public nint Address => _slots.Address;

    protected override void Fill(CudaBatch batch)
    {
        _slots.Clear();
        batch.Pages?.PlaceTokens(batch.Batch, _slots.Take(batch.TokenCount));
        _slots.Upload();
    }

    public override void Dispose() => _slots.Dispose();
}
