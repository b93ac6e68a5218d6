namespace Rebound.Engine.Cuda;

/// <summary>Choices that a product with weights in blocks is compiled with (block_product.cu; block_vector.cu for one row).</summary>
/// <param name="RowTiles">Tiles of 8 rows of the input that a block takes, or <see cref="OneRow"/>.</param>
/// <param name="OuterTiles">Tiles of 16 rows of the weight that a warp takes.</param>
/// <param name="Stages">Records of each of these that a warp has under way.</param>
/// <param name="ScalesLast">
/// Codes are multiplied, and their sums take the scales: the least to do for few rows, and exact. Otherwise codes become weights, rounded
/// to bf16, first.
/// </param>
/// <param name="Normed">The input is to be normed.</param>
/// <param name="Gated">The weight is of a gate and of what it is multiplied with.</param>
internal readonly record struct BlockKernel(int RowTiles, int OuterTiles, int Stages, bool ScalesLast, bool Normed, bool Gated)
{
    /// <summary>In the place of tiles of rows: the kernel of one row.</summary>
    public const int OneRow = 0;

    private const int ManyThreads = 512;
    private const int FewThreads = 256;

    public bool IsOfOneRow => RowTiles == OneRow;

    /// <summary>The most threads of a block: many rows take many registers of each, and one row is faster with few threads.</summary>
    public int Threads => IsOfOneRow || RowTiles * OuterTiles > 2 ? FewThreads : ManyThreads;

    /// <summary>The macros that the kernel is written for.</summary>
    public IEnumerable<string> Definitions() =>
    [
        $"-DROW_TILES={RowTiles}", $"-DOUTER_TILES={OuterTiles}", $"-DSTAGES={Stages}", $"-DTHREADS={Threads}",
        $"-DSCALES_LAST={(ScalesLast ? 1 : 0)}", $"-DNORMED={(Normed ? 1 : 0)}", $"-DGATED={(Gated ? 1 : 0)}",
    ];
}
