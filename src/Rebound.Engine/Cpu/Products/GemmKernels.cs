using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>The computing part of a matrix product, for one width of vectors.</summary>
internal abstract unsafe class GemmKernels
{
    /// <summary>fp32 lanes of a vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>Rows of a register tile, and of a panel of A.</summary>
    public abstract int TileRows { get; }

    /// <summary>Columns of a full register tile, and of a full panel of B.</summary>
    public int TileColumns => 3 * Lanes;

    /// <summary>The kernels of the widest vectors that the processor has.</summary>
    public static GemmKernels Create() =>
        Avx512F.IsSupported ? new GemmKernels<Vector512<float>, Lanes512>()
        : Vector256.IsHardwareAccelerated ? new GemmKernels<Vector256<float>, Lanes256>()
        : Vector128.IsHardwareAccelerated ? new GemmKernels<Vector128<float>, Lanes128>()
        : new GemmKernels<float, Lanes1>();

    /// <summary>Computes a block of C from packed slices.</summary>
    public abstract void Multiply(in GemmBlock block);

    /// <summary>
    /// The small-batch GEMM: a few rows of A, both operands running along the depth, in dot products that read B once and need
    /// no packing.
    /// </summary>
    public abstract void MultiplySmallBatch(in MatrixProduct product, int firstColumn, int endColumn);

    /// <summary>As <see cref="MultiplySmallBatch"/>, with stored weights: the same bits as with what they widen to.</summary>
    /// <param name="widened">[<see cref="StoredRows.WidenedAtOnce"/>, K], for what is widened; its values do not matter.</param>
    public abstract void MultiplyStored(in MatrixProduct product, in StoredRows weights, int firstColumn, int endColumn, float* widened);
}

internal sealed unsafe class GemmKernels<TVector, TLanes> : GemmKernels
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    public override int Lanes => TLanes.Count;

    public override int TileRows => GemmTile<TVector, TLanes>.TileRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(in GemmBlock block)
    {
        for (var k = 0; k < block.Depth; k += block.DepthStep)
        {
            var depth = Math.Min(block.DepthStep, block.Depth - k);
            var piece = block;
            piece.PackedA += (nint)k * block.PaddedRows;
            piece.PackedB += (nint)k * block.Panels.Width;
            if (k > 0)
            {
                piece.Addend = block.C;
                piece.StrideAddend = block.StrideC;
            }

            for (var row = block.FirstRow; row < block.EndRow; row += GemmTile<TVector, TLanes>.TileRows)
            {
                for (var panel = block.FirstPanel; panel < block.EndPanel; panel++)
                {
                    MultiplyTile(piece, depth, row, panel);
                }
            }
        }
    }

    public override void MultiplySmallBatch(in MatrixProduct product, int firstColumn, int endColumn) =>
        SmallBatchGemm<TVector, TLanes>.Multiply(product, firstColumn, endColumn);

    public override void MultiplyStored(in MatrixProduct product, in StoredRows weights, int firstColumn, int endColumn, float* widened) =>
        StoredGemm<TVector, TLanes>.Multiply(product, weights, firstColumn, endColumn, widened);

    private static void MultiplyTile(in GemmBlock block, int depth, int row, int panel)
    {
        var column = block.Panels.Start(panel);
        var a = block.PackedA + ((nint)row * depth);
        var b = block.PackedB + ((nint)column * depth);
        var c = block.C + (row * block.StrideC) + column;
        var addend = block.Addend == null ? null : block.Addend + (row * block.StrideAddend) + column;
        var vectors = block.Panels.Vectors(panel);
        var (most, count) = (GemmTile<TVector, TLanes>.TileRows, vectors * TLanes.Count);
        var (rows, columns) = (Math.Min(most, block.Rows - row), Math.Min(count, block.Columns - column));
        if ((rows == most || rows == 4) && columns == count)
        {
            RunTile(rows, vectors, a, b, depth, c, block.StrideC, addend, block.StrideAddend);
        }
        else
        {
            MultiplyEdge(rows, columns, vectors, a, b, depth, c, block.StrideC, addend, block.StrideAddend);
        }
    }

    /// <summary>A tile that reaches over C's edge: computed whole beside C, of which only what exists is written.</summary>
    private static void MultiplyEdge(
        int rows, int columns, int vectors, float* a, float* b, int depth, float* c, nint strideC, float* addend, nint strideAddend)
    {
        var width = vectors * TLanes.Count;
        var tile = stackalloc float[GemmTile<TVector, TLanes>.TileRows * 3 * TLanes.Count];
        RunTile(rows, vectors, a, b, depth, tile, width, null, 0);
        for (var row = 0; row < rows; row++, tile += width, c += strideC)
        {
            var column = 0;
            for (; column + TLanes.Count <= columns; column += TLanes.Count)
            {
                var sum = TLanes.Load(tile + column);
                TLanes.Store(addend == null ? sum : TLanes.Add(sum, TLanes.Load(addend + column)), c + column);
            }

            for (; column < columns; column++)
            {
                c[column] = addend == null ? tile[column] : tile[column] + addend[column];
            }

            addend = addend == null ? null : addend + strideAddend;
        }
    }

    private static void RunTile(
        int rows, int vectors, float* a, float* b, int depth, float* c, nint strideC, float* addend, nint strideAddend)
    {
        switch (rows > 4, vectors)
        {
            case (true, 3):
                GemmTile<TVector, TLanes>.Run<Eight, Three>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (true, 2):
                GemmTile<TVector, TLanes>.Run<Eight, Two>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (true, _):
                GemmTile<TVector, TLanes>.Run<Eight, One>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (false, 3):
                GemmTile<TVector, TLanes>.Run<Four, Three>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (false, 2):
                GemmTile<TVector, TLanes>.Run<Four, Two>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            default:
                GemmTile<TVector, TLanes>.Run<Four, One>(a, b, depth, c, strideC, addend, strideAddend);
                break;
        }
    }
}
