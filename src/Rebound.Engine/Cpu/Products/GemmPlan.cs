namespace Rebound.Engine.Cpu;

/// <summary>
/// How a matrix product is cut: into slices that are packed and computed one after the other, and these into the blocks
/// that threads take. It depends on the shape and the number of threads alone.
/// </summary>
internal readonly struct GemmPlan
{
    /// <summary>Depth of a pass over C: a panel of A this deep stays in half of a 32 KiB first-level cache.</summary>
    private const int MaxDepthStep = 320;

    /// <summary>Floats of B that a block reads again for each of its rows: a third of a 1 MiB second-level cache.</summary>
    private const int MaxBlockOfB = 80 * 1024;

    private const int MaxBlockRows = 64;

    public GemmPlan(in MatrixProduct product, GemmKernels kernels, int capacityA, int capacityB, int threads)
    {
        TileRows = kernels.TileRows;
        SliceDepth = Even(product.K, Math.Min(Math.Min(capacityA, capacityB) / MinSliceWidth, 2048), 1);
        DepthStep = Even(SliceDepth, MaxDepthStep, 1);
        SliceRows = Even(product.M, capacityA / SliceDepth, kernels.TileRows);
        SliceColumns = Even(product.N, capacityB / SliceDepth, kernels.TileColumns);
        BlockPanels = Even(
            (SliceColumns + kernels.TileColumns - 1) / kernels.TileColumns,
            Math.Max(1, MaxBlockOfB / (DepthStep * kernels.TileColumns)), 1);

        // Small blocks when there are few, so that the threads end together.
        BlockRows = Math.Min(MaxBlockRows, RoundUp(SliceRows, kernels.TileRows));
        while (BlockRows >= 4 * kernels.TileRows && threads > 1 && Blocks(kernels) < 12 * threads)
        {
            BlockRows = RoundUp(BlockRows / 2, kernels.TileRows);
        }
    }

    public int TileRows { get; }

    /// <summary>Depth that is packed at once.</summary>
    public int SliceDepth { get; }

    /// <summary>Depth of one pass over C within a slice.</summary>
    public int DepthStep { get; }

    /// <summary>Rows of A that are packed at once: whole panels, or all.</summary>
    public int SliceRows { get; }

    /// <summary>Columns of B that are packed at once: whole panels of three vectors, or all.</summary>
    public int SliceColumns { get; }

    public int BlockRows { get; }

    public int BlockPanels { get; }

    /// <summary>Narrowest slice of both operands that a workspace must hold, with its padding.</summary>
    private static int MinSliceWidth => 256;

    public static int Parts(int count, int size) => (count + size - 1) / size;

    private int Blocks(GemmKernels kernels) =>
        Parts(SliceRows, BlockRows) * Parts(SliceColumns, BlockPanels * kernels.TileColumns);

    /// <summary>The size of nearly equal parts of at most <paramref name="limit"/>, a multiple of <paramref name="unit"/>.</summary>
    private static int Even(int count, int limit, int unit)
    {
        limit = Math.Max(limit / unit * unit, unit);
        var parts = Parts(count, limit);
        return Math.Min(limit, RoundUp(Parts(count, parts), unit));
    }

    private static int RoundUp(int value, int unit) => Parts(value, unit) * unit;
}
