using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>
/// The <see cref="SmallBatchGemm{TVector,TLanes}"/> with stored weights. Up to four rows of A are multiplied with what is widened in
/// registers; more would widen it anew for each four, and are multiplied with rows of weights that are widened in the cache.
/// </summary>
internal static unsafe class StoredGemm<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <param name="widened">[<see cref="StoredRows.WidenedAtOnce"/>, K], for what is widened.</param>
    public static void Multiply(in MatrixProduct product, in StoredRows weights, int firstColumn, int endColumn, float* widened)
    {
        for (var n = firstColumn; n < endColumn;)
        {
            var lines = weights.FindRun(n, out var type, out var lineBytes, out var count);
            count = Math.Min(count, endColumn - n);
            var products = type.WidenedProducts<TVector, TLanes>();
            if (product.M == 1)
            {
                OneRow(product, products, lines, lineBytes, n, count);
            }
            else if (product.M <= WidenedProducts.RowsAtOnce)
            {
                FourRows(product, products, lines, lineBytes, n, count);
            }
            else
            {
                Widened(product, products, lines, lineBytes, n, count, widened);
            }

            n += count;
        }
    }

    private static void OneRow(in MatrixProduct product, WidenedProducts products, byte* lines, nint lineBytes, int n, int count)
    {
        var sums = stackalloc float[WidenedProducts.LinesOfOneRow];
        for (var line = 0; line < count; line += WidenedProducts.LinesOfOneRow)
        {
            // A missing line is replaced by the last one that exists; its sum is not written.
            var columns = Math.Min(WidenedProducts.LinesOfOneRow, count - line);
            var first = lines + (line * lineBytes);
            products.OneRow(product.A.Data, first, first + ((columns - 1) * lineBytes), product.K, sums);
            product.Write(0, 1, n + line, columns, sums, columns);
        }
    }

    private static void FourRows(in MatrixProduct product, WidenedProducts products, byte* lines, nint lineBytes, int n, int count)
    {
        var sums = stackalloc float[WidenedProducts.RowsAtOnce];
        var a = product.A.Data;
        var (stride, last) = (product.A.Stride, product.M - 1);
        float* a1 = a + (Math.Min(1, last) * stride), a2 = a + (Math.Min(2, last) * stride), a3 = a + (last * stride);
        for (var line = 0; line < count; line++)
        {
            products.FourRows(a, a1, a2, a3, lines + (line * lineBytes), product.K, sums);
            product.Write(0, product.M, n + line, 1, sums, 1);
        }
    }

    private static void Widened(
        in MatrixProduct product, WidenedProducts products, byte* lines, nint lineBytes, int n, int count, float* widened)
    {
        for (var line = 0; line < count; line += StoredRows.WidenedAtOnce)
        {
            var columns = Math.Min(StoredRows.WidenedAtOnce, count - line);
            for (var i = 0; i < columns; i++)
            {
                products.Widen(lines + ((line + i) * lineBytes), product.K, widened + ((nint)i * product.K));
            }

            var some = product;
            some.N = columns;
            some.B = new MatrixView((nint)widened, product.K, Transposed: true);
            some.C += n + line;
            some.Addend = some.Addend == null ? null : some.Addend + n + line;
            SmallBatchGemm<TVector, TLanes>.Multiply(some, 0, columns);
        }
    }
}
