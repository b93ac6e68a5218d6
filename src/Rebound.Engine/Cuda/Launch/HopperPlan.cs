namespace Rebound.Engine.Cuda;

/// <summary>The sizes that an attention kernel with Hopper's products is compiled for (flash_hopper.cuh).</summary>
/// <param name="HeadDim">64 or 128.</param>
/// <param name="Groups">Warpgroups of a block that compute.</param>
/// <param name="OwnedTiles">Tiles that each of them owns of an item of work.</param>
internal readonly record struct HopperPlan(int HeadDim, int Groups, int OwnedTiles)
{
    /// <summary>Rows of a tile, which is a warpgroup's part of an item and of a step.</summary>
    public const int TileRows = 64;

    /// <summary>Columns of a panel, which one copy brings.</summary>
    public const int PanelColumns = 64;

    /// <summary>Floats beside a pair of tiles: two terms of each query.</summary>
    public const int FloatsOfPair = 2 * TileRows;

    private const int WarpgroupThreads = 128;
    private const int TileAlignment = 1024;

    /// <summary>One more warpgroup copies.</summary>
    public int Threads => (Groups + 1) * WarpgroupThreads;

    /// <summary>Tokens of an item of work.</summary>
    public int ItemTokens => Groups * TileRows;

    /// <summary>Two sets of owned tiles, a ring of pairs with floats beside them, barriers, and room to align the first tile.</summary>
    public int SharedBytes =>
        (2 * ((Groups * OwnedTiles) + Stages) * TileRows * HeadDim * sizeof(ushort)) + (Stages * FloatsOfPair * sizeof(float))
        + (((2 * Stages) + 4) * sizeof(long)) + TileAlignment;

    /// <summary>Pairs of the ring: what is left of the shared memory.</summary>
    private int Stages => HeadDim == 64 ? 6 : 3;

    /// <summary>An item's queries; as many warpgroups as find registers for one sum and two tiles of scores.</summary>
    public static HopperPlan Forward(int headDim) => new(headDim, Groups: headDim == 64 ? 3 : 2, OwnedTiles: 1);

    /// <summary>An item's queries and their output's gradients.</summary>
    public static HopperPlan BackwardQueries(int headDim) => Forward(headDim) with { OwnedTiles = 2 };

    /// <summary>An item's keys and values; two sums fill the registers that a thread of two warpgroups can have.</summary>
    public static HopperPlan BackwardKeys(int headDim) => new(headDim, Groups: 2, OwnedTiles: 2);

    /// <summary>The macros that the kernels are written for, beside the head dimension.</summary>
    public IEnumerable<string> Definitions() => [$"-DGROUPS={Groups}", $"-DSTAGES={Stages}", $"-DOWNED_TILES={OwnedTiles}"];
}
