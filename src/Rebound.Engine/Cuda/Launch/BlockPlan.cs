using System.Numerics;

namespace Rebound.Engine.Cuda;

/// <summary>How a product of few rows with weights in blocks is divided over blocks of threads and their warps.</summary>
/// <param name="InnerWarps">Warps that share the columns.</param>
/// <param name="OuterWarps">Warps that take different rows of the weight.</param>
/// <param name="LeastSharedBytes">Shared memory that a block asks for, even where it needs less, so that no more of them share a
/// multiprocessor than there are for each: they would lie unevenly.</param>
internal readonly record struct BlockPlan(BlockForm Form, BlockKernel Kernel, int InnerWarps, int OuterWarps, int LeastSharedBytes = 0)
{
    /// <summary>
    /// Rows of the input up to which the blocks are read by the product itself, of some types: as measured on an H200, where widening them
    /// first took longer.
    /// </summary>
    public const int MostRows = 64;

    /// <summary>As <see cref="MostRows"/>, of types with super blocks.</summary>
    private const int MostSuperRows = 32;

    /// <summary>Rows of the input that are normed on the way: each block of threads does it anew.</summary>
    private const int MostNormedRows = 2;

    private const int TileRows = 8;

    /// <summary>Tiles of rows up to which codes are multiplied before they are scaled.</summary>
    private const int MostTilesBeforeScales = 2;

    private const int WarpThreads = 32;
    private const int MostInnerWarps = 8;

    /// <summary>Blocks of one row that share a multiprocessor, at most.</summary>
    private const int RowBlocks = 3;

    /// <summary>Warps times tiles of the weight of a block of one row.</summary>
    private const int RowWarpTiles = 8;

    /// <summary>Records of one row for each warp that shares the columns, at least, and for each stage beyond the second.</summary>
    private const int RecordsOfRowWarp = 4;

    /// <summary>Tiles of the weight for each multiprocessor from which on there is enough to do with few warps for each.</summary>
    private const int ManyTiles = 4;

    /// <summary>Bytes that a warp has under way, about.</summary>
    private const int BytesUnderWay = 6 * 1024;

    private const int MostStages = 4;

    /// <summary>Elements between rows of the input in shared memory.</summary>
    private const int RowPadding = 32;

    /// <summary>The most bytes of normed input in a block's shared memory.</summary>
    private const int NormedBytes = 72 * 1024;

    /// <summary>The part of a block's shared memory that the normed input may take, so that a stage fits beside it.</summary>
    private const int NormedPart = 3;

    /// <summary>Shared memory that a kernel declares itself.</summary>
    private const int StaticBytes = 1024;

    /// <summary>Shared memory that each block takes beside what it asks for.</summary>
    private const int ReservedBytes = 1024;

    /// <summary>Whether so many rows of a width can be normed on the way.</summary>
    /// <param name="mostSharedBytes">Of a block on this GPU.</param>
    public static bool CanNorm(int rows, int width, int mostSharedBytes) =>
        rows <= MostNormedRows && InputBytes(rows, width) <= Math.Min(NormedBytes, mostSharedBytes / NormedPart);

    /// <summary>Rows of the input up to which the blocks of a type are read by the product itself.</summary>
    public static int MostRowsOf(BlockForm form) => form.IsSuper ? MostSuperRows : MostRows;

    /// <param name="outer">Columns of the output.</param>
    /// <param name="width">Columns of the weight.</param>
    /// <param name="mostSharedBytes">Of a block on this GPU.</param>
    /// <param name="batchInvariant">Whether the order of a row's sums may not depend on the rows of the input.</param>
    public static BlockPlan Of(
        BlockForm form, int rows, int outer, int width, bool normed, bool gated, int multiprocessors, int mostSharedBytes,
        bool batchInvariant = false)
    {
        var (tiles, records) = (BlockForm.TilesOf(outer), form.RecordsOf(width));
        if (rows == 1 && !batchInvariant)
        {
            return OfOneRow(form, tiles, width, normed, gated, multiprocessors, mostSharedBytes);
        }

        var rowTiles = rows switch { <= 8 => 1, <= 16 => 2, _ when batchInvariant => MostTilesBeforeScales, <= 32 => 4, _ => 8 };
        var isBroad = gated || tiles >= ManyTiles * multiprocessors || (rowTiles >= 4 && tiles >= 2 * multiprocessors);
        var kernel = new BlockKernel(rowTiles, isBroad ? 2 : 1, 1, rowTiles <= MostTilesBeforeScales, normed, gated);
        var division = rowTiles == 1 && !batchInvariant
            ? Division.OfFewestRows(tiles, records, gated, form.IsSuper, multiprocessors)
            : Division.Of(tiles, records, rowTiles >= 4 && isBroad, multiprocessors);
        return new BlockPlan(form, kernel, division.InnerWarps, division.OuterWarps)
            .Deep(division.Bytes, division.MostStages, rows, width, mostSharedBytes);
    }

    /// <summary>
    /// By its products a token of Llama-2-7B takes at most 5% longer than by the fastest of all divisions for each of them, on an H200, of
    /// each type that was measured.
    /// </summary>
    private static BlockPlan OfOneRow(
        BlockForm form, int tiles, int width, bool normed, bool gated, int multiprocessors, int mostSharedBytes)
    {
        var kernel = new BlockKernel(BlockKernel.OneRow, gated ? 2 : 1, 1, ScalesLast: true, normed, gated);
        var (places, records) = (RowBlocks * multiprocessors, form.RecordsOf(width));
        var outerWarps = Math.Min(RowWarpTiles / kernel.OuterTiles, PowerOfTwo((tiles + places - 1) / places));
        var innerWarps = Division.Least(RowWarpTiles / kernel.OuterTiles / outerWarps, Math.Max(1, records / RecordsOfRowWarp));
        var blocks = (tiles + outerWarps - 1) / outerWarps;
        var resident = Math.Min(RowBlocks, (blocks + multiprocessors - 1) / multiprocessors);
        var plan = new BlockPlan(
            form, kernel, innerWarps, outerWarps, ((mostSharedBytes + ReservedBytes) / (resident + 1)) - ReservedBytes + 1);
        var stages = Math.Clamp(records / innerWarps / RecordsOfRowWarp, 2, MostStages);
        var room = ((mostSharedBytes + ReservedBytes) / resident) - ReservedBytes - StaticBytes;
        while (stages > 2 && (plan with { Kernel = kernel with { Stages = stages } }).SharedBytes(1, width) > room)
        {
            stages--;
        }

        return plan.Deep(stages * form.RecordBytes * kernel.OuterTiles, stages, rows: 1, width, mostSharedBytes);
    }

    private static int PowerOfTwo(int least) => (int)BitOperations.RoundUpToPowerOf2((uint)least);

    /// <summary>The plan with as many stages as have so many bytes, and room.</summary>
    private BlockPlan Deep(int warpBytes, int mostStages, int rows, int width, int mostSharedBytes)
    {
        var bytes = Form.RecordBytes * Kernel.OuterTiles;
        var recordsOfWarp = (Form.RecordsOf(width) + InnerWarps - 1) / InnerWarps;
        var stages = Math.Min(Math.Clamp((warpBytes + (bytes / 2)) / bytes, 2, mostStages), recordsOfWarp);
        var plan = this;
        do
        {
            plan = this with { Kernel = Kernel with { Stages = stages } };
        }
        while (plan.SharedBytes(rows, width) + StaticBytes > mostSharedBytes && --stages > 0);
        return plan;
    }

    public (int X, int Y) Block => (WarpThreads * InnerWarps, OuterWarps);

    public (int X, int Y) Grid(int rows, int outer)
    {
        var outerOfBlock = BlockForm.TileRows * (Kernel.Gated ? 1 : Kernel.OuterTiles) * OuterWarps;
        return ((outer + outerOfBlock - 1) / outerOfBlock, (rows + RowsOfBlock - 1) / RowsOfBlock);
    }

    /// <summary>The ring of records and the normed input; or the warps' sums, which take their place at the end.</summary>
    public int SharedBytes(int rows, int width)
    {
        var warps = InnerWarps * OuterWarps;
        var ring = warps * Kernel.Stages * Kernel.OuterTiles * Form.RecordBytes;
        var sums = warps * Kernel.OuterTiles * RowsOfBlock * BlockForm.TileRows * sizeof(float);
        return Math.Max(LeastSharedBytes, Math.Max(ring + (Kernel.Normed ? InputBytes(rows, width) : 0), sums));
    }

    /// <summary>Rows of the input that a block takes.</summary>
    private int RowsOfBlock => Kernel.IsOfOneRow ? 1 : TileRows * Kernel.RowTiles;

    private static int InputBytes(int rows, int width) => checked(rows * (width + RowPadding) * sizeof(ushort));

    /// <summary>How many warps share columns and rows, and what each has under way.</summary>
    private readonly record struct Division(int InnerWarps, int OuterWarps, int Bytes, int MostStages)
    {
        /// <summary>Depends, of rows of the input, on whether they are many alone, and the inner warps not on that.</summary>
        /// <param name="sharesInput">Whether warps that take different rows of the weight are to read the same input.</param>
        public static Division Of(int tiles, int records, bool sharesInput, int multiprocessors)
        {
            var inner = Least(tiles >= ManyTiles * multiprocessors ? MostInnerWarps / 2 : MostInnerWarps, records);
            return new Division(inner, sharesInput && inner <= MostInnerWarps / 2 ? 2 : 1, BytesUnderWay, BlockPlan.MostStages);
        }

        /// <summary>For up to 8 rows: the fastest for one at the shapes of Llama-2-7B on an H200, before it had its own kernel.</summary>
        public static Division OfFewestRows(int tiles, int records, bool gated, bool isSuper, int multiprocessors)
        {
            if (tiles >= 2 * ManyTiles * multiprocessors)
            {
                return new Division(Least(2, records), 4, 9 * 1024, 3);
            }

            if (tiles >= ManyTiles * multiprocessors)
            {
                return new Division(Least(gated ? 2 : 4, records), gated ? 2 : 1, 13 * 1024, 3);
            }

            // Of blocks of 32 values a record is half as broad, so that there are enough for twice as many warps.
            var inner = gated || isSuper || records < 2 * 2 * MostInnerWarps ? MostInnerWarps : 2 * MostInnerWarps;
            return new Division(Least(inner, records), 1, 9 * 1024 / 2, BlockPlan.MostStages);
        }

        public static int Least(int warps, int records)
        {
            while (warps > records)
            {
                warps /= 2;
            }

            return warps;
        }
    }
}
