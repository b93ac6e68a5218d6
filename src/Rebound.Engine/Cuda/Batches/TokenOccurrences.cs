namespace Rebound.Engine.Cuda;

/// <summary>The rows of each token of a batch, for the embedding's backward, which sums them in their order.</summary>
internal sealed class TokenOccurrences(CudaBatch batch) : BatchLists
{
    private readonly DeviceList _rows = new(batch.Memory, batch.Capacity.Tokens);
    private readonly DeviceList _starts = new(batch.Memory, batch.Capacity.Tokens + 1L);
    private readonly DeviceList _tokens = new(batch.Memory, batch.Capacity.Tokens);
    private readonly long[] _sorted = new long[batch.Capacity.Tokens];

    /// <summary>[T] rows ordered by token.</summary>
    public nint Rows => _rows.Address;

    /// <summary>[distinct tokens + 1] where in <see cref="Rows"/> each begins.</summary>
    public nint Starts => _starts.Address;

    /// <summary>[distinct tokens] in ascending order.</summary>
    public (nint Address, int Count) Tokens => (_tokens.Address, _tokens.Count);

    protected override void Fill(CudaBatch batch)
    {
        var tokens = batch.Batch.Tokens;
        var sorted = _sorted.AsSpan(0, tokens.Length);
        for (var t = 0; t < tokens.Length; t++)
        {
            sorted[t] = ((long)tokens[t] << 32) | (uint)t;
        }

        sorted.Sort();
        _rows.Clear();
        _starts.Clear();
        _tokens.Clear();
        for (var i = 0; i < sorted.Length; i++)
        {
            var token = (int)(sorted[i] >> 32);
            if (i == 0 || token != (int)(sorted[i - 1] >> 32))
            {
                _starts.Add(i);
                _tokens.Add(token);
            }

            _rows.Add((int)sorted[i]);
        }

        _starts.Add(sorted.Length);
        _rows.Upload();
        _starts.Upload();
        _tokens.Upload();
    }

    public override void Dispose()
    {
        _rows.Dispose();
        _starts.Dispose();
        _tokens.Dispose();
    }
}
