using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>
/// The work of a persistent attention kernel: every tile of every document for every head, divided among the
/// blocks so that each has nearly as many steps to do.
/// </summary>
/// <param name="OfKeys">Tiles are of keys, and their steps go over the queries that see them; else the other way round.</param>
/// <param name="Heads">Heads that own tiles: of keys, or of queries.</param>
/// <param name="Window">0 for none.</param>
/// <param name="TileTokens">Tokens of a tile: a multiple of <see cref="StepTokens"/>.</param>
/// <param name="Blocks">The most blocks that are of use.</param>
internal readonly record struct AttentionWork(bool OfKeys, int Heads, int Window, int TileTokens, int Blocks)
{
    private const int StepTokens = 64;

    /// <summary>Steps over tiles of the other kind that a tile takes.</summary>
    public int Steps(WorkItem tile)
    {
        var end = tile.First + tile.Count;
        var (first, last) = OfKeys
            ? (tile.First, Window > 0 ? Math.Min(tile.Length, end - 1 + Window) : tile.Length)
            : (Window > 0 ? Math.Max(0, tile.First - Window + 1) : 0, end);
        return ((last - 1) / StepTokens) - (first / StepTokens) + 1;
    }
}

/// <summary>An item as the kernels declare it (flash_hopper.cuh).</summary>
/// <param name="Row">Of the tile's first token.</param>
/// <param name="First">Its position in the document.</param>
/// <param name="Count">Tokens in the tile.</param>
/// <param name="Length">Tokens of the document.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WorkItem(int Row, int First, int Count, int Length, int Head)
{
    public const int Ints = 5;
}
