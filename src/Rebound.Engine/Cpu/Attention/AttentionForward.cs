using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Attention over items of one query block and one head: tiles of scores, each with its softmax relative to the
/// largest score so far (Dao et al. 2022, arXiv 2205.14135).
/// </summary>
internal unsafe struct AttentionForwardKernel : IVectorKernel
{
    private const int TileTokens = AttentionPlan.TileTokens;

    /// <summary>[T, H, HeadDim], =.</summary>
    public float* Output;

    /// <summary>[T, H], =, or null.</summary>
    public float* LogSumExp;

    /// <summary>[T, H + 2·KvH, HeadDim]: of which the queries are read.</summary>
    public float* Fused;

    public KeyTiles Tiles;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var item = start; item < end; item++)
        {
            RunBlock<V>(Tiles.Plan.Blocks[item / Tiles.Shape.QueryHeads], item % Tiles.Shape.QueryHeads);
        }
    }

    [SkipLocalsInit]
    private readonly void RunBlock<V>(QueryBlock block, int head)
        where V : unmanaged, IFloat32Vector<V>
    {
        var shape = Tiles.Shape;
        var (width, outputStride) = (shape.HeadDim, (nint)shape.QueryHeads * shape.HeadDim);
        var output = Output + (block.FirstRow * outputStride) + (head * width);
        var memory = stackalloc float[(TileTokens * TileTokens) + (2 * TileTokens) + 16];
        var scores = Vectors.Align(memory);
        var largest = scores + (TileTokens * TileTokens);
        var sums = largest + TileTokens;
        new Span<float>(largest, TileTokens).Fill(float.NegativeInfinity);
        Vectors.Clear(sums, TileTokens);

        var (first, last) = (AttentionPlan.FirstTile(block.Position, shape.Window), block.Position / TileTokens);
        for (var tile = first; tile <= last; tile++)
        {
            var columns = Math.Min(TileTokens, block.Position + block.Rows - (tile * TileTokens));
            var among = Tiles.Plan.Documents[block.Document].FirstTile + tile;
            Scores<V>(scores, block, head, among, columns);
            for (var r = 0; r < block.Rows; r++)
            {
                var row = scores + (r * TileTokens);
                AttentionMask.Apply(row, columns, block.Position + r, tile, shape.Window);
                var padded = AttentionMask.Padded(columns);
                var shift = MathF.Max(largest[r], shape.Scale * Softmax.Largest<V>(row, padded));
                if (float.IsNegativeInfinity(shift))
                {
                    Vectors.Clear(row, padded);
                    continue;
                }

                var sum = Softmax.Exponentials<V>(row, padded, shape.Scale, shift);
                if (shift != largest[r] && tile > first)
                {
                    var factor = MathF.Exp(largest[r] - shift);
                    Softmax.Scale<V>(output + (r * outputStride), width, factor);
                    sums[r] *= factor;
                }

                sums[r] += sum;
                largest[r] = shift;
            }

            Tile.Multiply(
                new TileMatrix(output, outputStride), new TileMatrix(scores, TileTokens),
                new TileMatrix(Tiles.Values(among, head / shape.GroupSize), Tiles.Stride), block.Rows, width, columns,
                accumulate: tile > first);
        }

        for (var r = 0; r < block.Rows; r++)
        {
            Softmax.Scale<V>(output + (r * outputStride), width, 1 / sums[r]);
            if (LogSumExp != null)
            {
                LogSumExp[((nint)(block.FirstRow + r) * shape.QueryHeads) + head] = largest[r] + MathF.Log(sums[r]);
            }
        }
    }

    /// <summary><c>scores[r, s] = q_r·k_s</c> for a tile's keys.</summary>
    private readonly void Scores<V>(float* scores, QueryBlock block, int head, int tile, int columns)
        where V : unmanaged, IFloat32Vector<V>
    {
        var shape = Tiles.Shape;
        var (width, stride) = (shape.HeadDim, (nint)shape.FusedHeads * shape.HeadDim);
        var queries = Fused + (block.FirstRow * stride) + (head * width);
        if (!Tiles.IsDirect(block.Document))
        {
            Tile.Multiply(
                new TileMatrix(scores, TileTokens), new TileMatrix(queries, stride),
                new TileMatrix(Tiles.Transposed(Tiles.TransposedKeys, tile, head / shape.GroupSize), TileTokens), block.Rows,
                AttentionMask.Padded(columns), width, accumulate: false);
            return;
        }

        var keys = Tiles.Keys(tile, head / shape.GroupSize);
        for (var r = 0; r < block.Rows; r++)
        {
            for (var s = 0; s < columns; s++)
            {
                scores[(r * TileTokens) + s] = Vectors.Dot<V>(queries + (r * stride), keys + (s * Tiles.Stride), width);
            }
        }
    }
}

/// <summary>The causal and windowed mask of a tile of scores.</summary>
internal static unsafe class AttentionMask
{
    /// <summary>The columns rounded up to whole vectors of any width; a tile's rows have room for them.</summary>
    public static int Padded(int columns) => (columns + 15) & ~15;

    /// <summary>Writes −∞ where the query at <paramref name="position"/> sees no key, and in the padding.</summary>
    public static void Apply(float* row, int columns, int position, int tile, int window)
    {
        var tileStart = tile * AttentionPlan.TileTokens;
        var end = Math.Clamp(position - tileStart + 1, 0, columns);
        var start = window == 0 ? 0 : Math.Clamp(position - window + 1 - tileStart, 0, end);
        new Span<float>(row, start).Fill(float.NegativeInfinity);
        new Span<float>(row + end, Padded(columns) - end).Fill(float.NegativeInfinity);
    }
}
