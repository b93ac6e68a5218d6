using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Backward of attention over items of one document and one head. Of <c>o = Σ_s p_s·v_s</c>, <c>p = softmax(scale·q·k)</c>:
/// <c>dv_s += p_s·do</c>, <c>ds = p_s·(do·v_s − do·o)·scale</c>, <c>dq += ds·k_s</c>, <c>dk_s += ds·q</c>.
/// </summary>
internal unsafe struct AttentionBackwardKernel : IVectorKernel
{
    private const int TileTokens = AttentionPlan.TileTokens;

    /// <summary>[T, H + 2·KvH, HeadDim]: of which the query heads are written, =.</summary>
    public float* DFused;

    /// <summary>[H, T, HeadDim], =: the key gradient from each query head.</summary>
    public float* DKeys;

    /// <summary>[H, T, HeadDim], =: the value gradient from each query head.</summary>
    public float* DValues;

    /// <summary>[H, T], =: do·o.</summary>
    public float* Means;

    public float* DOutput;
    public float* Output;
    public float* LogSumExp;
    public KeyTiles Tiles;
    public int Tokens;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var item = start; item < end; item++)
        {
            var document = Tiles.Plan.Documents[Tiles.Plan.LongestFirst[item / Tiles.Shape.QueryHeads]];
            RunHead<V>(document, item % Tiles.Shape.QueryHeads);
        }
    }

    [SkipLocalsInit]
    private readonly void RunHead<V>(AttentionDocument document, int head)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (shape, stride) = (Tiles.Shape, (nint)Tiles.Shape.QueryHeads * Tiles.Shape.HeadDim);
        for (var t = document.FirstRow; t < document.FirstRow + document.Rows; t++)
        {
            var offset = (t * stride) + (head * shape.HeadDim);
            Means[((nint)head * Tokens) + t] = Vectors.Dot<V>(DOutput + offset, Output + offset, shape.HeadDim);
        }

        var memory = stackalloc float[(2 * TileTokens * TileTokens) + 16];
        var probabilities = Vectors.Align(memory);
        var dScores = probabilities + (TileTokens * TileTokens);
        var tiles = AttentionPlan.Tiles(document.Rows);
        for (var keys = 0; keys < tiles; keys++)
        {
            for (var queries = keys; queries < tiles; queries++)
            {
                if (AttentionPlan.FirstTile(queries * TileTokens, shape.Window) > keys)
                {
                    break;
                }

                Probabilities<V>(probabilities, dScores, document, head, queries, keys);
                Accumulate(probabilities, dScores, document, head, queries, keys);
            }
        }
    }

    /// <summary>Recomputes p and ds of one tile of queries and one of keys.</summary>
    private readonly void Probabilities<V>(
        float* probabilities, float* dScores, AttentionDocument document, int head, int queries, int keys)
        where V : unmanaged, IFloat32Vector<V>
    {
        var shape = Tiles.Shape;
        var (width, group) = (shape.HeadDim, head / shape.GroupSize);
        nint fusedStride = (nint)shape.FusedHeads * width, stride = (nint)shape.QueryHeads * width;
        var row = document.FirstRow + (queries * TileTokens);
        var (rows, columns) = (Count(document, queries), Count(document, keys));
        var padded = AttentionMask.Padded(columns);
        Tile.Multiply(
            new TileMatrix(probabilities, TileTokens), new TileMatrix(Tiles.Fused + (row * fusedStride) + (head * width), fusedStride),
            new TileMatrix(Tiles.Transposed(Tiles.TransposedKeys, document.FirstTile + keys, group), TileTokens), rows, padded, width,
            accumulate: false);
        Tile.Multiply(
            new TileMatrix(dScores, TileTokens), new TileMatrix(DOutput + (row * stride) + (head * width), stride),
            new TileMatrix(Tiles.Transposed(Tiles.TransposedValues, document.FirstTile + keys, group), TileTokens), rows, padded, width,
            accumulate: false);
        for (var r = 0; r < rows; r++)
        {
            var p = probabilities + (r * TileTokens);
            AttentionMask.Apply(p, columns, (queries * TileTokens) + r, keys, shape.Window);
            Softmax.Exponentials<V>(p, padded, shape.Scale, LogSumExp[((nint)(row + r) * shape.QueryHeads) + head]);
            ScoreGradients<V>(dScores + (r * TileTokens), p, padded, Means[((nint)head * Tokens) + row + r], shape.Scale);
        }
    }

    /// <summary><c>ds = p·(dp − mean)·scale</c> in place of dp, over whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreGradients<V>(float* dScores, float* probabilities, int count, float mean, float scale)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var i = 0; i < count; i += V.Count)
        {
            ((V.Load(dScores + i) - V.Of(mean)) * V.Load(probabilities + i) * V.Of(scale)).Store(dScores + i);
        }
    }

    private readonly void Accumulate(
        float* probabilities, float* dScores, AttentionDocument document, int head, int queries, int keys)
    {
        var shape = Tiles.Shape;
        var width = shape.HeadDim;
        nint fusedStride = (nint)shape.FusedHeads * width, stride = (nint)shape.QueryHeads * width;
        var (queryRow, keyRow) = (document.FirstRow + (queries * TileTokens), document.FirstRow + (keys * TileTokens));
        var (rows, columns) = (Count(document, queries), Count(document, keys));
        var keyGradient = (((nint)head * Tokens) + keyRow) * width;
        Tile.Multiply(
            new TileMatrix(DValues + keyGradient, width), new TileMatrix(probabilities, row: 1, column: TileTokens),
            new TileMatrix(DOutput + (queryRow * stride) + (head * width), stride), columns, width, rows, accumulate: queries > keys);
        Tile.Multiply(
            new TileMatrix(DKeys + keyGradient, width), new TileMatrix(dScores, row: 1, column: TileTokens),
            new TileMatrix(Tiles.Fused + (queryRow * fusedStride) + (head * width), fusedStride), columns, width, rows,
            accumulate: queries > keys);
        Tile.Multiply(
            new TileMatrix(DFused + (queryRow * fusedStride) + (head * width), fusedStride), new TileMatrix(dScores, TileTokens),
            new TileMatrix(Tiles.Keys(document.FirstTile + keys, head / shape.GroupSize), Tiles.Stride), rows, width, columns,
            accumulate: keys > AttentionPlan.FirstTile(queries * TileTokens, shape.Window));
    }

    private static int Count(AttentionDocument document, int tile) => Math.Min(TileTokens, document.Rows - (tile * TileTokens));
}

/// <summary>Key and value gradients over rows: the sums over the query heads of each group, in order.</summary>
internal unsafe struct SumGroupsKernel : IVectorKernel
{
    public float* DFused;
    public float* DKeys;
    public float* DValues;
    public AttentionShape Shape;
    public int Tokens;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            var keys = DFused + ((((nint)t * Shape.FusedHeads) + Shape.QueryHeads) * Shape.HeadDim);
            Sum<V>(keys, DKeys, t);
            Sum<V>(keys + (Shape.KeyValueHeads * Shape.HeadDim), DValues, t);
        }
    }

    private readonly void Sum<V>(float* into, float* ofHeads, int t)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var head = 0; head < Shape.QueryHeads; head++)
        {
            var from = ofHeads + ((((nint)head * Tokens) + t) * Shape.HeadDim);
            var to = into + (head / Shape.GroupSize * Shape.HeadDim);
            if (head % Shape.GroupSize == 0)
            {
                Vectors.Copy(to, from, Shape.HeadDim);
            }
            else
            {
                Vectors.Add<V>(to, from, Shape.HeadDim);
            }
        }
    }
}
