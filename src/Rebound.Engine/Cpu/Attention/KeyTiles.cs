using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Where the keys and values of a plan's tiles lie: in the rows of the batch itself, or in the pages of a cache.
/// </summary>
internal unsafe struct KeyTiles
{
    public AttentionPlan Plan;
    public AttentionShape Shape;

    /// <summary>The batch's [T, H + 2·KvH, HeadDim], when keys lie there.</summary>
    public float* Fused;

    /// <summary>[pages, KvH, PageTokens, HeadDim], when keys lie in pages.</summary>
    public float* KeyPages;

    public float* ValuePages;

    /// <summary>[tiles, KvH, HeadDim, TileTokens]: keys with their positions as columns, zero where there are none.</summary>
    public float* TransposedKeys;

    /// <summary>As <see cref="TransposedKeys"/> for values, which only a backward needs.</summary>
    public float* TransposedValues;

    /// <summary>Whether few queries may take another way to their scores than many (<see cref="IsDirect"/>).</summary>
    public bool AllowsDirect;

    private readonly int* PageOfTile => Plan.PageOfTile;

    public readonly long TileFloats => (long)Shape.HeadDim * AttentionPlan.TileTokens;

    /// <summary>Elements from one position's key or value to the next.</summary>
    public readonly nint Stride => PageOfTile == null ? (nint)Shape.FusedHeads * Shape.HeadDim : Shape.HeadDim;

    /// <summary>The key of a tile's first position.</summary>
    /// <param name="tile">Among the tiles of all documents.</param>
    public readonly float* Keys(int tile, int head) => PageOfTile == null
        ? FusedRow(tile) + ((nint)(Shape.QueryHeads + head) * Shape.HeadDim)
        : KeyPages + (nint)((((long)PageOfTile[tile] * Shape.KeyValueHeads) + head) * TileFloats);

    /// <summary>The value of a tile's first position.</summary>
    public readonly float* Values(int tile, int head) => PageOfTile == null
        ? FusedRow(tile) + ((nint)(Shape.QueryHeads + Shape.KeyValueHeads + head) * Shape.HeadDim)
        : ValuePages + (nint)((((long)PageOfTile[tile] * Shape.KeyValueHeads) + head) * TileFloats);

    public readonly float* Transposed(float* tiles, int tile, int head) =>
        tiles + (nint)((((long)tile * Shape.KeyValueHeads) + head) * TileFloats);

    /// <summary>Positions of a tile that have keys.</summary>
    public readonly int Count(int tile)
    {
        var document = Plan.Documents[Plan.DocumentOfTile[tile]];
        return Math.Min(AttentionPlan.TileTokens, document.EndPosition - ((tile - document.FirstTile) * AttentionPlan.TileTokens));
    }

    /// <summary>
    /// A document with so few queries that dot products with the keys as they lie cost less than transposing them.
    /// </summary>
    public readonly bool IsDirect(int document) =>
        AllowsDirect && PageOfTile != null && Plan.Documents[document].Rows * Shape.GroupSize <= 8;

    private readonly float* FusedRow(int tile)
    {
        var document = Plan.Documents[Plan.DocumentOfTile[tile]];
        var row = document.FirstRow + ((tile - document.FirstTile) * AttentionPlan.TileTokens);
        return Fused + ((nint)row * Shape.FusedHeads * Shape.HeadDim);
    }
}

/// <summary>Transposes the tiles of keys, and of values where there is a place for them.</summary>
internal unsafe struct TransposeTilesKernel : IVectorKernel
{
    public KeyTiles Tiles;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var item = start; item < end; item++)
        {
            var (tile, head) = (item / Tiles.Shape.KeyValueHeads, item % Tiles.Shape.KeyValueHeads);
            var document = Tiles.Plan.DocumentOfTile[tile];
            var firstSeen = AttentionPlan.FirstTile(Tiles.Plan.Documents[document].FirstPosition, Tiles.Shape.Window);
            if (Tiles.IsDirect(document) || tile - Tiles.Plan.Documents[document].FirstTile < firstSeen)
            {
                continue;
            }

            Transpose(Tiles.Transposed(Tiles.TransposedKeys, tile, head), Tiles.Keys(tile, head), Tiles.Count(tile));
            if (Tiles.TransposedValues != null)
            {
                Transpose(Tiles.Transposed(Tiles.TransposedValues, tile, head), Tiles.Values(tile, head), Tiles.Count(tile));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Transpose(float* transposed, float* rows, int count)
    {
        var (width, stride) = (Tiles.Shape.HeadDim, Tiles.Stride);
        for (var c = 0; c < width; c++)
        {
            var line = transposed + (c * AttentionPlan.TileTokens);
            for (var s = 0; s < count; s++)
            {
                line[s] = rows[(s * stride) + c];
            }

            new Span<float>(line + count, AttentionPlan.TileTokens - count).Clear();
        }
    }
}
