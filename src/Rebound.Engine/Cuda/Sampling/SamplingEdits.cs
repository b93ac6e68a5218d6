using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>All rows' edits one after the other in device memory, and behind them room for the logits that they replace.</summary>
internal sealed unsafe class SamplingEdits(IListMemory memory) : IDisposable
{
    private readonly List<int> _starts = [0];
    private LogitEdit[] _edits = [];
    private nint _address;

    /// <summary>Uploads the edits of these rows. Memory grows to powers of two, and growing waits for the device.</summary>
    public void Replace(ReadOnlySpan<SamplingRow> rows)
    {
        _starts.Clear();
        var count = 0;
        foreach (var row in rows)
        {
            _starts.Add(count);
            count += row.Edits.Length;
        }

        _starts.Add(count);
        Reserve(count);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Edits.Span.CopyTo(_edits.AsSpan(_starts[row]));
        }

        memory.Upload(_address, MemoryMarshal.AsBytes(_edits.AsSpan(0, count)));
    }

    /// <summary>A row's edits, and the room for as many floats.</summary>
    public (nint Edits, nint Raw, int Count) Place(int row)
    {
        var (start, raw) = (_starts[row], _address + ((nint)_edits.Length * sizeof(LogitEdit)));
        return (_address + ((nint)start * sizeof(LogitEdit)), raw + ((nint)start * sizeof(float)), _starts[row + 1] - start);
    }

    public void Dispose()
    {
        if (_address != 0)
        {
            memory.Free(_address);
            _address = 0;
        }
    }

    private void Reserve(int count)
    {
        if (count > _edits.Length)
        {
            Dispose();
            _edits = new LogitEdit[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 256))];
            _address = memory.Allocate((long)_edits.Length * (sizeof(LogitEdit) + sizeof(float)));
        }
    }
}
