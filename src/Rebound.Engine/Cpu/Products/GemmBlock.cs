namespace Rebound.Engine.Cpu;

/// <summary>How the columns of a packed slice fall into panels of three vectors, or of two where that leaves less over.</summary>
internal readonly struct ColumnPanels
{
    private readonly int _lanes;
    private readonly int _triples;

    public ColumnPanels(int columns, int lanes)
    {
        _lanes = lanes;
        var vectors = (columns + lanes - 1) / lanes;
        Count = (vectors + 2) / 3;
        Width = vectors * lanes;

        // One vector left over makes two pairs with the triple before it: a tile of one vector cannot fill the pipeline.
        _triples = vectors % 3 == 1 && vectors > 1 ? (vectors / 3) - 1 : vectors / 3;
    }

    public int Count { get; }

    /// <summary>Columns with the padding of the last vector.</summary>
    public int Width { get; }

    /// <summary>First column of a panel; for <see cref="Count"/>, a column at or after the last panel's end.</summary>
    public int Start(int panel) =>
        Math.Min(Width, ((3 * Math.Min(panel, _triples)) + (2 * Math.Max(0, panel - _triples))) * _lanes);

    /// <summary>Vectors of a panel, 1 to 3.</summary>
    public int Vectors(int panel) => (Start(panel + 1) - Start(panel)) / _lanes;
}

/// <summary>
/// A block of C to be computed from packed slices of A [rows, depth] and B [depth, columns]. Both are packed in pieces
/// of at most <see cref="DepthStep"/> along the depth, every piece being all of the slice's panels in turn.
/// </summary>
internal unsafe struct GemmBlock
{
    public float* PackedA;
    public float* PackedB;
    public int Depth;
    public int DepthStep;

    /// <summary>Rows of the slice of A, and with the padding of its last panel.</summary>
    public int Rows;
    public int PaddedRows;

    public int Columns;
    public ColumnPanels Panels;

    /// <summary>The block's rows within the slice, whole panels.</summary>
    public int FirstRow;
    public int EndRow;

    /// <summary>The block's column panels within the slice.</summary>
    public int FirstPanel;
    public int EndPanel;

    /// <summary>The slice's corner in C, and in the addend or null; the addend joins with the first piece of the depth.</summary>
    public float* C;
    public nint StrideC;
    public float* Addend;
    public nint StrideAddend;
}
