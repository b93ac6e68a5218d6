namespace Rebound.Hub.Upload;

/// <summary>Bytes of one attempt, which are taken back where it does not go well.</summary>
/// <param name="told">Is told of them, from any thread.</param>
internal sealed class SentBytes(Action<long> told) : IDisposable
{
    private long _bytes;
    private bool _isKept;

    public void Add(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        told(bytes);
    }

    /// <summary>All bytes are there, however many were sent.</summary>
    public void Fill(long bytes)
    {
        Add(bytes - Interlocked.Read(ref _bytes));
        Keep();
    }

    /// <summary>It went well.</summary>
    public void Keep() => _isKept = true;

    public void Dispose()
    {
        if (!_isKept)
        {
            Add(-Interlocked.Read(ref _bytes));
        }
    }
}
