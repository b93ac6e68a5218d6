namespace Rebound.Engine.Cuda;

/// <summary>How a product of few rows is divided over blocks and their warps (skinny_product.cu).</summary>
/// <param name="RowTiles">Tiles of 8 rows of the input that a block takes.</param>
/// <param name="OuterTiles">Tiles of 16 rows of the weight that a warp takes.</param>
/// <param name="InnerWarps">Warps that share the inner dimension.</param>
/// <param name="OuterWarps">Warps that take different rows of the weight.</param>
/// <param name="Stages">Slabs that a warp has under way.</param>
/// <param name="Normed">The input is to be normed.</param>
/// <param name="Gated">The weight is of a gate and of what it is multiplied with.</param>
internal readonly record struct SkinnyPlan(
    int RowTiles, int OuterTiles, int InnerWarps, int OuterWarps, int Stages, bool Normed, bool Gated)
{
    /// <summary>Elements of a slab: the inner dimension is a multiple of it.</summary>
    public const int SlabElements = 32;

    /// <summary>Rows of the input up to which the kernel is faster than cuBLASLt.</summary>
    public const int MostRows = 16;

    private const int TileRows = 8;
    private const int TileOuter = 16;
    private const int WarpThreads = 32;
    private const int UnitsBytes = 16 * WarpThreads;

    /// <summary>Slabs beyond which a warp gains nothing.</summary>
    public const int MostStages = 8;

    /// <summary>Tiles of the weight for each multiprocessor from which on there is enough to do with few warps for each.</summary>
    private const int ManyTiles = 4;

    /// <summary>Shared memory that the GPU keeps of every block's.</summary>
    private const int ReservedBytes = 1024;

    /// <summary>Shared memory for sums of squares.</summary>
    private const int SquaresBytes = 4 * 1024;

    /// <summary>
    /// Whether so few rows are bound by reading the weight, and this kernel is no slower at that than cuBLASLt, as measured: up to 8 rows
    /// of any product, which comes with its norm and gate, and up to <see cref="MostRows"/> of narrow ones.
    /// </summary>
    /// <param name="outer">Rows of the weight.</param>
    public static bool Takes(int rows, int outer, int multiprocessors) =>
        rows <= TileRows || (rows <= MostRows && outer < ManyTiles * TileOuter * multiprocessors);

    /// <param name="outer">Columns of the output.</param>
    /// <param name="inner">A multiple of <see cref="SlabElements"/>.</param>
    /// <param name="mostSharedBytes">Of a block on this GPU.</param>
    public static SkinnyPlan Of(
        int rows, int outer, int inner, bool normed, bool gated, int multiprocessors, int mostSharedBytes)
    {
        var tiles = (outer + TileOuter - 1) / TileOuter;
        var rowTiles = rows switch { <= 8 => 1, <= 16 => 2, <= 32 => 4, _ => 8 };
        var innerWarps = InnerWarpsOf(tiles, inner / SlabElements, normed, gated, multiprocessors);

        // Where blocks of two tiles are one wave, each has a multiprocessor to itself, and more under way.
        var isOneWave = !normed && rowTiles <= 2 && tiles >= multiprocessors && tiles <= 2 * multiprocessors;

        // Many rows are worth reading once for more of the weight, where enough blocks are left.
        var isBroad = rowTiles >= 4 && innerWarps < 16 && 2 * tiles >= 3 * multiprocessors;
        var plan = new SkinnyPlan(
            rowTiles, gated || isBroad || isOneWave ? 2 : 1, innerWarps, isBroad && innerWarps <= 4 ? 2 : 1, 1, normed, gated);
        var halves = plan.Deep(2, inner, mostSharedBytes);
        return isOneWave || halves.Stages < 2 ? plan.Deep(1, inner, mostSharedBytes) : halves;
    }

    /// <summary>The plan with as many stages as leave room for other blocks on the multiprocessor.</summary>
    /// <param name="blocks">Blocks of a multiprocessor.</param>
    /// <param name="inner">A multiple of <see cref="SlabElements"/>.</param>
    /// <param name="mostSharedBytes">Of a block on this GPU.</param>
    public SkinnyPlan Deep(int blocks, int inner, int mostSharedBytes)
    {
        var slabsOfWarp = ((inner / SlabElements) + InnerWarps - 1) / InnerWarps;
        var stages = (((mostSharedBytes + ReservedBytes) / blocks) - ReservedBytes - SquaresBytes) / StageBytes;
        return this with { Stages = Math.Clamp(Math.Min(stages, slabsOfWarp + 1), 1, MostStages) };
    }

    public (int X, int Y) Block => (WarpThreads * InnerWarps, OuterWarps);

    /// <summary>The ring of slabs, which takes the warps' sums at the end.</summary>
    public int SharedBytes => Math.Max(
        Stages * StageBytes, InnerWarps * OuterWarps * OuterTiles * RowTiles * TileRows * TileOuter * sizeof(float));

    private int StageBytes => InnerWarps * OuterWarps * ((2 * OuterTiles) + RowTiles + (Normed ? 1 : 0)) * UnitsBytes;

    public (int X, int Y) Grid(int rows, int outer)
    {
        var (outerOfBlock, rowsOfBlock) = (TileOuter * (Gated ? 1 : OuterTiles) * OuterWarps, TileRows * RowTiles);
        return ((outer + outerOfBlock - 1) / outerOfBlock, (rows + rowsOfBlock - 1) / rowsOfBlock);
    }

    /// <summary>The macros that the kernel is written for.</summary>
    public IEnumerable<string> Definitions() =>
    [
        $"-DROW_TILES={RowTiles}", $"-DOUTER_TILES={OuterTiles}", $"-DINNER_WARPS={InnerWarps}", $"-DOUTER_WARPS={OuterWarps}",
        $"-DSTAGES={Stages}", $"-DNORMED={(Normed ? 1 : 0)}", $"-DGATED={(Gated ? 1 : 0)}",
    ];

    /// <summary>
    /// As many as keep the memory busy: more where the weight has few rows. It decides the order of sums, so that it must not depend
    /// on the rows of the input.
    /// </summary>
    private static int InnerWarpsOf(int tiles, int slabs, bool normed, bool gated, int multiprocessors)
    {
        var warps = gated ? 8 : tiles >= ManyTiles * multiprocessors ? 4 : normed || tiles >= multiprocessors ? 8 : 16;
        while (warps > slabs)
        {
            warps /= 2;
        }

        return warps;
    }
}
