using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>All rows' edits one after the other in device memory, and behind them room for the logits that they replace.</summary>
internal sealed unsafe class SamplingEdits(IListMemory memory) : IDisposable
{
    /// <summary>
    /// Added to the logit of a token that may not come: the kernel gives it no weight, and scores remain finite at any temperature above
    /// 1e-8.
    /// </summary>
    private const float Refused = -1e30f;

    private readonly List<int> _starts = [0];
    private readonly HashSet<int> _edited = [];
    private LogitEdit[] _edits = [];
    private nint _address;

    /// <summary>Uploads the edits of these rows. Memory grows to powers of two, and growing waits for the device.</summary>
    public void Replace(ReadOnlySpan<SamplingRow> rows, int vocabulary)
    {
        _starts.Clear();
        var count = 0;
        foreach (var row in rows)
        {
            _starts.Add(count);
            count += row.Edits.Length + Refusals(row, vocabulary);
        }

        _starts.Add(count);
        Reserve(count);
        for (var row = 0; row < rows.Length; row++)
        {
            Write(rows[row], vocabulary, _edits.AsSpan(_starts[row], _starts[row + 1] - _starts[row]));
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

    /// <summary>Tokens that may not come and have no edit of their own.</summary>
    private static int Refusals(in SamplingRow row, int vocabulary)
    {
        if (row.Allowed.IsEmpty)
        {
            return 0;
        }

        var allowed = 0;
        foreach (var word in row.Allowed.Span)
        {
            allowed += System.Numerics.BitOperations.PopCount(word);
        }

        var refused = vocabulary - allowed;
        foreach (var edit in row.Edits.Span)
        {
            refused -= row.Allows(edit.Token) ? 0 : 1;
        }

        return refused;
    }

    /// <summary>A row's edits, in which tokens that may not come are refused, and then the others that may not.</summary>
    private void Write(in SamplingRow row, int vocabulary, Span<LogitEdit> edits)
    {
        _edited.Clear();
        var count = 0;
        foreach (var edit in row.Edits.Span)
        {
            edits[count++] = row.Allows(edit.Token) ? edit : new LogitEdit(edit.Token, Refused, 1, 0);
            _edited.Add(edit.Token);
        }

        for (var token = 0; token < vocabulary && count < edits.Length; token++)
        {
            if (!row.Allows(token) && !_edited.Contains(token))
            {
                edits[count++] = new LogitEdit(token, Refused, 1, 0);
            }
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
