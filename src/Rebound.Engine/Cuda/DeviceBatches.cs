namespace Rebound.Engine.Cuda;

/// <summary>The device's side of the batches that were used last; batches do not change, so they are known by identity.</summary>
internal sealed class DeviceBatches(Staging staging) : IDisposable
{
    private const int Kept = 4;

    /// <summary>The most recently used first.</summary>
    private readonly List<DeviceBatch> _recent = [];

    public DeviceBatch this[PackedBatch batch]
    {
        get
        {
            var index = _recent.FindIndex(entry => ReferenceEquals(entry.Batch, batch));
            if (index == 0)
            {
                return _recent[0];
            }

            DeviceBatch entry;
            if (index > 0 || _recent.Count == Kept)
            {
                index = index > 0 ? index : Kept - 1;
                entry = _recent[index];
                _recent.RemoveAt(index);
            }
            else
            {
                entry = new DeviceBatch(staging);
            }

            if (!ReferenceEquals(entry.Batch, batch))
            {
                entry.Reset(batch);
            }

            _recent.Insert(0, entry);
            return entry;
        }
    }

    public void Dispose() => _recent.ForEach(entry => entry.Dispose());
}
