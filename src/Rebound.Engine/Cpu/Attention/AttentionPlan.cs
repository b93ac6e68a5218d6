namespace Rebound.Engine.Cpu;

/// <summary>A document of a packed batch for attention: its keys in tiles of <see cref="AttentionPlan.TileTokens"/> positions.</summary>
internal struct AttentionDocument
{
    /// <summary>Its first row in the batch.</summary>
    public int FirstRow;

    /// <summary>Its rows in the batch.</summary>
    public int Rows;

    /// <summary>The position of its first row: 0, or how many tokens a cache holds before it.</summary>
    public int FirstPosition;

    /// <summary>Where its tiles start among those of all documents.</summary>
    public int FirstTile;

    public readonly int EndPosition => FirstPosition + Rows;
}

/// <summary>Queries of one document whose positions lie in the same tile.</summary>
internal struct QueryBlock
{
    public int Document;

    /// <summary>Its first row in the batch.</summary>
    public int FirstRow;

    public int Rows;

    /// <summary>The position of its first row.</summary>
    public int Position;
}

/// <summary>
/// The documents of a batch, their blocks of queries with the longest rows of keys first, and their key tiles, in
/// memory that the caller gives.
/// </summary>
internal unsafe struct AttentionPlan
{
    /// <summary>Positions of a tile: those of a page, so that a page is one tile.</summary>
    public const int TileTokens = PageTable.PageTokens;

    public AttentionDocument* Documents;
    public QueryBlock* Blocks;

    /// <summary>The document of each tile.</summary>
    public int* DocumentOfTile;

    /// <summary>The page of each tile; null where keys and values lie in the batch.</summary>
    public int* PageOfTile;

    /// <summary>Documents, those with the most tiles first.</summary>
    public int* LongestFirst;

    public int DocumentCount;
    public int BlockCount;
    public int TileCount;

    /// <summary>Bytes that <see cref="Create"/> needs, rounded up to whole cache lines.</summary>
    public static long Bytes(PackedBatch batch, bool cached)
    {
        var (blocks, tiles) = Count(batch, cached);
        var bytes = ((long)batch.DocumentCount * (sizeof(AttentionDocument) + sizeof(int))) + ((long)blocks * sizeof(QueryBlock))
            + ((long)tiles * sizeof(int));
        return (bytes + ArenaPlan.Alignment - 1) / ArenaPlan.Alignment * ArenaPlan.Alignment;
    }

    /// <param name="cached">Documents start at the batch's positions, with keys before them; else at 0.</param>
    public static AttentionPlan Create(PackedBatch batch, bool cached, byte* memory)
    {
        var (blocks, tiles) = Count(batch, cached);
        var plan = new AttentionPlan
        {
            Documents = (AttentionDocument*)memory,
            DocumentCount = batch.DocumentCount,
            BlockCount = blocks,
            TileCount = tiles,
        };
        plan.Blocks = (QueryBlock*)(plan.Documents + plan.DocumentCount);
        plan.DocumentOfTile = (int*)(plan.Blocks + blocks);
        plan.LongestFirst = plan.DocumentOfTile + tiles;
        plan.PlaceDocuments(batch, cached);
        plan.PlaceBlocks();
        return plan;
    }

    public static int Tiles(int positions) => (positions + TileTokens - 1) / TileTokens;

    /// <summary>The tile of the first key that a query sees.</summary>
    public static int FirstTile(int position, int window) => window == 0 ? 0 : Math.Max(0, position - window + 1) / TileTokens;

    public static (int Blocks, int Tiles) Count(PackedBatch batch, bool cached)
    {
        var (blocks, tiles) = (0, 0);
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var first = FirstPosition(batch, d, cached);
            var count = Tiles(first + batch.DocumentStarts[d + 1] - batch.DocumentStarts[d]);
            tiles += count;
            blocks += count - (first / TileTokens);
        }

        return (blocks, tiles);
    }

    private static int FirstPosition(PackedBatch batch, int document, bool cached) =>
        cached ? batch.Positions[batch.DocumentStarts[document]] : 0;

    private readonly void PlaceDocuments(PackedBatch batch, bool cached)
    {
        var tile = 0;
        for (var d = 0; d < DocumentCount; d++)
        {
            var start = batch.DocumentStarts[d];
            Documents[d] = new AttentionDocument
            {
                FirstRow = start,
                Rows = batch.DocumentStarts[d + 1] - start,
                FirstPosition = FirstPosition(batch, d, cached),
                FirstTile = tile,
            };
            for (var end = tile + Tiles(Documents[d].EndPosition); tile < end; tile++)
            {
                DocumentOfTile[tile] = d;
            }
        }
    }

    private readonly void PlaceBlocks()
    {
        var longest = 0;
        for (var d = 0; d < DocumentCount; d++)
        {
            longest = Math.Max(longest, Tiles(Documents[d].EndPosition));
        }

        var (block, listed) = (0, 0);
        for (var tile = longest - 1; tile >= 0; tile--)
        {
            for (var d = 0; d < DocumentCount; d++)
            {
                var document = Documents[d];
                var first = Math.Max(document.FirstPosition, tile * TileTokens);
                var rows = Math.Min(document.EndPosition, (tile + 1) * TileTokens) - first;
                if (rows > 0)
                {
                    Blocks[block++] = new QueryBlock
                    {
                        Document = d,
                        FirstRow = document.FirstRow + first - document.FirstPosition,
                        Rows = rows,
                        Position = first,
                    };
                }

                if (tile == Tiles(document.EndPosition) - 1)
                {
                    LongestFirst[listed++] = d;
                }
            }
        }
    }
}
