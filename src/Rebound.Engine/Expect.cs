using System.Runtime.CompilerServices;

namespace Rebound.Engine;

/// <summary>Checks of an operation's tensors, before any work. They allocate nothing unless they fail.</summary>
internal static class Expect
{
    /// <summary>The tensor is present, of this shape and fp32.</summary>
    public static void Floats(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "") =>
        Elements(tensor, DType.Float32, shape, operation, name);

    /// <summary>The tensor is absent, or of this shape and fp32.</summary>
    public static void FloatsOrEmpty(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (!tensor.IsEmpty)
        {
            Floats(tensor, shape, operation, name);
        }
    }

    /// <summary>The tensor is present, of this element type and this shape.</summary>
    public static void Elements(
        Tensor tensor,
        DType dtype,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.DType != dtype || tensor.Shape != shape || (tensor.IsEmpty && shape.Count > 0))
        {
            throw new ShapeException(operation, name, $"{dtype}{shape}", Describe(tensor));
        }
    }

    /// <summary>The tensor is empty, or present as <see cref="Elements"/> wants it.</summary>
    public static void ElementsOrEmpty(
        Tensor tensor,
        DType type,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (!tensor.IsEmpty)
        {
            Elements(tensor, type, shape, operation, name);
        }
    }

    /// <summary>The tensor is absent, or of this shape and either fp32 or bf16.</summary>
    public static void FloatingOrEmpty(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (!tensor.IsEmpty)
        {
            Floating(tensor, shape, operation, name);
        }
    }

    /// <summary>The tensor is present, of this shape and either fp32 or bf16.</summary>
    public static void Floating(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (!IsFloating(tensor.DType) || tensor.Shape != shape || (tensor.IsEmpty && shape.Count > 0))
        {
            throw new ShapeException(operation, name, $"{DType.Float32} or {DType.BFloat16}{shape}", Describe(tensor));
        }
    }

    /// <summary>The tensor is present, fp32 and a matrix.</summary>
    public static void Matrix(
        Tensor tensor,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.IsEmpty || tensor.DType != DType.Float32 || tensor.Shape.Rank != 2)
        {
            throw new ShapeException(operation, name, $"{DType.Float32}[rows, columns]", Describe(tensor));
        }
    }

    /// <summary>The tensor is present, a matrix, and either fp32 or bf16.</summary>
    public static void FloatingMatrix(
        Tensor tensor,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.IsEmpty || !IsFloating(tensor.DType) || tensor.Shape.Rank != 2)
        {
            throw new ShapeException(
                operation, name, $"{DType.Float32} or {DType.BFloat16}[rows, columns]", Describe(tensor));
        }
    }

    /// <summary>The columns are of an fp32 matrix that is present, and lie in it.</summary>
    /// <param name="rows">Rows that the matrix must have; null for any number.</param>
    /// <returns>The matrix's rows.</returns>
    public static int Columns(
        ColumnRange columns,
        int? rows = null,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(columns))] string name = "") =>
        Columns(columns, DType.Float32, rows, operation, name);

    /// <summary>As <see cref="Columns(ColumnRange, int?, string, string)"/>, of a matrix of this element type.</summary>
    public static int Columns(
        ColumnRange columns,
        DType dtype,
        int? rows = null,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(columns))] string name = "")
    {
        var (matrix, shape) = (columns.Matrix, columns.Matrix.Shape);
        if (matrix.IsEmpty || matrix.DType != dtype || shape.Rank != 2 || columns.First < 0 || columns.Count < 0
            || (long)columns.First + columns.Count > shape[1] || shape[0] != (rows ?? shape[0]))
        {
            throw new ShapeException(
                operation, name, $"{dtype}[{(rows is { } count ? $"{count}" : "rows")}, columns]",
                matrix.IsEmpty ? "absent" : $"columns {columns.First} to {(long)columns.First + columns.Count} of {matrix}");
        }

        return shape[0];
    }

    /// <summary>The tensor is present, fp32 and has at least this many elements.</summary>
    public static void AtLeast(
        Tensor tensor,
        long count,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.IsEmpty || tensor.DType != DType.Float32 || tensor.Count < count)
        {
            throw new ShapeException(
                operation, name, $"{DType.Float32} of at least {count} elements", Describe(tensor));
        }
    }

    /// <summary>Heads that divide evenly into groups, and a head dimension that splits into two halves.</summary>
    public static void Heads(AttentionShape shape, [CallerMemberName] string operation = "")
    {
        if (shape.KeyValueHeads < 1 || shape.QueryHeads < 1 || shape.QueryHeads % shape.KeyValueHeads != 0)
        {
            throw new ShapeException(
                operation, nameof(shape), "of query heads that are a multiple of its key and value heads",
                $"{shape.QueryHeads} over {shape.KeyValueHeads}");
        }

        if (shape.HeadDim < 2 || shape.HeadDim % 2 != 0)
        {
            throw new ShapeException(operation, nameof(shape), "of an even head dimension", $"{shape.HeadDim}");
        }

        if (!(shape.Scale > 0) || !float.IsFinite(shape.Scale))
        {
            throw new ShapeException(operation, nameof(shape), "of a positive, finite scale", $"{shape.Scale}");
        }

        if (shape.Window < 0)
        {
            throw new ShapeException(operation, nameof(shape), "of a window of at least 0 tokens", $"{shape.Window}");
        }
    }

    /// <summary>Every token id is a row of the embedding.</summary>
    public static void Tokens(ReadOnlySpan<int> tokens, int vocabulary, [CallerMemberName] string operation = "")
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)vocabulary)
            {
                throw new ArgumentException(
                    $"{operation}: token id {tokens[t]} at row {t} is outside of the vocabulary of {vocabulary} "
                    + $"(0 to {vocabulary - 1}); check that tokenizer and model belong together.",
                    nameof(tokens));
            }
        }
    }

    /// <summary>Rows that exist, in any order.</summary>
    public static void Rows(ReadOnlySpan<int> rows, int count, [CallerMemberName] string operation = "")
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)count)
            {
                throw new ShapeException(operation, nameof(rows), $"of rows 0 to {count - 1}", $"row {row}");
            }
        }
    }

    /// <summary>Rows that exist, each after the one before it.</summary>
    public static void AscendingRows(ReadOnlySpan<int> rows, int count, [CallerMemberName] string operation = "")
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if ((uint)rows[i] >= (uint)count || (i > 0 && rows[i] <= rows[i - 1]))
            {
                throw new ShapeException(operation, nameof(rows), $"of ascending rows, 0 to {count - 1}", $"row {rows[i]} at {i}");
            }
        }
    }

    /// <summary>The table holds the angles of every position of the batch.</summary>
    public static void Angles(RotaryTable rotary, PackedBatch batch, AttentionShape shape, string operation)
    {
        var angles = new Shape(rotary.Positions, shape.HeadDim / 2);
        Floats(rotary.Cosines, angles, operation);
        Floats(rotary.Sines, angles, operation);
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var last = batch.Positions[batch.DocumentStarts[d + 1] - 1];
            if (last >= rotary.Positions)
            {
                throw new ShapeException(operation, nameof(rotary), $"of more than {last} positions", $"of {rotary.Positions}");
            }
        }
    }

    /// <summary>The pages are of the layer's heads and of this type, and every sequence has a page for each of its positions.</summary>
    public static void Pages(
        KeyValuePages cache, DType dtype, PackedBatch batch, PageTable table, AttentionShape shape,
        [CallerMemberName] string operation = "")
    {
        var pages = cache.Keys.Shape.Rank == 4 ? cache.Keys.Shape[0] : 0;
        var expected = new Shape(pages, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim);
        Elements(cache.Keys, dtype, expected, operation);
        Elements(cache.Values, dtype, expected, operation);
        if (table.Sequences != batch.DocumentCount)
        {
            throw new ShapeException(operation, nameof(table), $"of {batch.DocumentCount} sequences", $"of {table.Sequences}");
        }

        for (var d = 0; d < table.Sequences; d++)
        {
            var last = batch.Positions[batch.DocumentStarts[d + 1] - 1];
            var sequence = table.Pages(d);
            if (sequence.Length <= last / PageTable.PageTokens)
            {
                throw new ShapeException(
                    operation, nameof(table), $"of {(last / PageTable.PageTokens) + 1} pages for sequence {d}, which ends at position {last}",
                    $"of {sequence.Length}");
            }

            foreach (var page in sequence)
            {
                if ((uint)page >= (uint)pages)
                {
                    throw new ShapeException(operation, nameof(table), $"of pages 0 to {pages - 1}", $"page {page} in sequence {d}");
                }
            }
        }
    }

    private static bool IsFloating(DType dtype) => dtype is DType.Float32 or DType.BFloat16;

    private static string Describe(Tensor tensor) => tensor.IsEmpty ? "absent" : tensor.ToString();
}
