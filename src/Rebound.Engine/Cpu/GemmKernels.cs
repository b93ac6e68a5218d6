using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
        Avx512F.IsSupported ? new GemmKernels<Floats16>()
        : Vector256.IsHardwareAccelerated ? new GemmKernels<Floats8>()
        : Vector128.IsHardwareAccelerated ? new GemmKernels<Floats4>()
        : new GemmKernels<Floats1>();

    /// <summary>Computes a block of C from packed slices.</summary>
    public abstract void Multiply(in GemmBlock block);

    /// <summary>
    /// Rows of C from a few rows of A, both operands running along the depth: dot products that read B once and need
    /// no packing.
    /// </summary>
    public abstract void MultiplyFewRows(in MatrixProduct product, int firstColumn, int endColumn);
}

internal sealed unsafe class GemmKernels<V> : GemmKernels
    where V : unmanaged, IFloats<V>
{
    public override int Lanes => V.Count;

    public override int TileRows => GemmTile<V>.Rows;

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

            for (var row = block.FirstRow; row < block.EndRow; row += GemmTile<V>.Rows)
            {
                for (var panel = block.FirstPanel; panel < block.EndPanel; panel++)
                {
                    MultiplyTile(piece, depth, row, panel);
                }
            }
        }
    }

    public override void MultiplyFewRows(in MatrixProduct product, int firstColumn, int endColumn) =>
        FewRows<V>.Multiply(product, firstColumn, endColumn);

    private static void MultiplyTile(in GemmBlock block, int depth, int row, int panel)
    {
        var column = block.Panels.Start(panel);
        var a = block.PackedA + ((nint)row * depth);
        var b = block.PackedB + ((nint)column * depth);
        var c = block.C + (row * block.StrideC) + column;
        var addend = block.Addend == null ? null : block.Addend + (row * block.StrideAddend) + column;
        var vectors = block.Panels.Vectors(panel);
        var (rows, columns) = (Math.Min(GemmTile<V>.Rows, block.Rows - row), Math.Min(vectors * V.Count, block.Columns - column));
        if ((rows == GemmTile<V>.Rows || rows == 4) && columns == vectors * V.Count)
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
        var width = vectors * V.Count;
        var tile = stackalloc float[GemmTile<V>.Rows * 3 * V.Count];
        RunTile(rows, vectors, a, b, depth, tile, width, null, 0);
        for (var row = 0; row < rows; row++, tile += width, c += strideC)
        {
            var column = 0;
            for (; column + V.Count <= columns; column += V.Count)
            {
                var sum = V.Load(tile + column);
                (addend == null ? sum : sum + V.Load(addend + column)).Store(c + column);
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
                GemmTile<V>.Run<Eight, Three>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (true, 2):
                GemmTile<V>.Run<Eight, Two>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (true, _):
                GemmTile<V>.Run<Eight, One>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (false, 3):
                GemmTile<V>.Run<Four, Three>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            case (false, 2):
                GemmTile<V>.Run<Four, Two>(a, b, depth, c, strideC, addend, strideAddend);
                break;
            default:
                GemmTile<V>.Run<Four, One>(a, b, depth, c, strideC, addend, strideAddend);
                break;
        }
    }
}
