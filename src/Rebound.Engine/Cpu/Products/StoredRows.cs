using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>The rows of a weight matrix in the types that they are stored in.</summary>
internal readonly unsafe struct StoredRows
{
    /// <summary>Values that begin a block in every type.</summary>
    public const int Alignment = 256;

    /// <summary>Rows that are widened at once for a product of few rows.</summary>
    public const int WidenedAtOnce = 4;

    private readonly RowParts? _parts;
    private readonly BlockType? _type;
    private readonly byte* _first;
    private readonly nint _rowBytes;

    /// <param name="weight">[N, K].</param>
    public StoredRows(Tensor weight)
    {
        Width = weight.Shape[1];
        _parts = weight.Parts;
        if (_parts is null)
        {
            _type = weight.DType.Blocks();
            _first = (byte*)weight.Address;
            _rowBytes = (nint)_type.BytesOf(Width);
        }
    }

    /// <summary>K.</summary>
    public int Width { get; }

    /// <summary>Whether all rows have products with rows that are rounded to eight bits, and the processor is fast at them.</summary>
    public bool HasRoundedProducts => RoundedProducts.IsAccelerated && Width % RoundedRows.GroupValues == 0
        && (_parts is null ? _type!.Products is not null : HaveProducts(_parts));

    /// <summary>Where a row lies, and its type.</summary>
    public byte* Find(int row, out BlockType type) => FindRun(row, out type, out _, out _);

    /// <summary>Where a row lies, its type, the bytes from it to the next, and how many rows follow each other so from it on.</summary>
    public byte* FindRun(int row, out BlockType type, out nint rowBytes, out int rows)
    {
        if (_parts is null)
        {
            (type, rowBytes, rows) = (_type!, _rowBytes, int.MaxValue);
            return _first + (row * _rowBytes);
        }

        (var address, type) = _parts.Find(row, out rows);
        rowBytes = (nint)type.BytesOf(Width);
        return (byte*)address;
    }

    /// <summary>Widens some values of a row.</summary>
    /// <param name="first">The first of them, which begins a block: a multiple of <see cref="Alignment"/> does in every type.</param>
    /// <param name="count">Values of whole blocks.</param>
    /// <param name="values">[count], =.</param>
    public void Widen(int row, int first, int count, float* values)
    {
        var blocks = Find(row, out var type) + type.BytesOf(first);
        type.Widen(new ReadOnlySpan<byte>(blocks, (int)type.BytesOf(count)), new Span<float>(values, count));
    }

    /// <summary>As <see cref="Widen"/>, of values anywhere and of those around them that share their blocks.</summary>
    /// <param name="values">Has room for 2·<see cref="Alignment"/> values more.</param>
    /// <returns>Where the value <paramref name="first"/> is.</returns>
    public float* WidenAround(int row, int first, int count, float* values)
    {
        var start = first / Alignment * Alignment;
        var end = Math.Min(Width, (first + count + Alignment - 1) / Alignment * Alignment);
        Widen(row, start, end - start, values);
        return values + (first - start);
    }

    private static bool HaveProducts(RowParts parts)
    {
        foreach (var part in parts.Parts)
        {
            if (part.DType.Blocks().Products is null)
            {
                return false;
            }
        }

        return true;
    }
}
