namespace Rebound.Engine.Cuda;

/// <summary>
/// How weights in blocks lie in device memory (blocks.cuh): the blocks of 16 rows and of some columns in a record, as many bytes as they
/// have in files. Rows are filled up to 16, and columns to a record's.
/// </summary>
/// <param name="CodeBits">Bits of a code.</param>
/// <param name="IsSuper">Blocks are of 256 values with scales of six bits or eight, and not of 32.</param>
/// <param name="HasMinimum">Codes have a minimum beside their scale.</param>
internal readonly record struct BlockForm(int CodeBits, bool IsSuper, bool HasMinimum)
{
    /// <summary>Rows of a record.</summary>
    public const int TileRows = 16;

    private const int PlainColumns = 128;
    private const int SuperColumns = 256;

    /// <exception cref="NotSupportedException">The type is not one of blocks.</exception>
    public static BlockForm Of(DType type) => type switch
    {
        DType.Q8_0 => new BlockForm(8, false, false),
        DType.Q5_1 => new BlockForm(5, false, true),
        DType.Q5_0 => new BlockForm(5, false, false),
        DType.Q4_1 => new BlockForm(4, false, true),
        DType.Q4_0 => new BlockForm(4, false, false),
        DType.Q6_K => new BlockForm(6, true, false),
        DType.Q5_K => new BlockForm(5, true, true),
        DType.Q4_K => new BlockForm(4, true, true),
        _ => throw new NotSupportedException($"{type} weights do not lie in blocks."),
    };

    /// <summary>Columns of a record.</summary>
    public int Columns => IsSuper ? SuperColumns : PlainColumns;

    /// <summary>Bytes of a record: those of its blocks.</summary>
    public int RecordBytes => (TileRows * Columns * CodeBits / 8) + (TileRows * ScaleBytes);

    /// <summary>Records beside each other.</summary>
    public int RecordsOf(int width) => (width + Columns - 1) / Columns;

    /// <summary>Tiles of rows below each other.</summary>
    public static int TilesOf(int rows) => (rows + TileRows - 1) / TileRows;

    /// <summary>Bytes of a tile of rows.</summary>
    public long TileBytes(int width) => (long)RecordsOf(width) * RecordBytes;

    /// <summary>The macros that the kernels are written for.</summary>
    public IEnumerable<string> Definitions() =>
        [$"-DCODE_BITS={CodeBits}", $"-DSUPER={(IsSuper ? 1 : 0)}", $"-DMINIMUM={(HasMinimum ? 1 : 0)}"];

    /// <summary>Bytes beside the codes of a row in a record.</summary>
    private int ScaleBytes => IsSuper ? (CodeBits == 6 ? 18 : 16) : HasMinimum ? 16 : 8;
}
