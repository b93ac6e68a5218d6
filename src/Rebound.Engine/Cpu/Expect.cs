using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>Checks of an operation's tensors, before any work. They allocate nothing unless they fail.</summary>
internal static class Expect
{
    /// <summary>The tensor is present, of this shape and fp32.</summary>
    public static void Floats(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.DType != DType.Float32 || tensor.Shape != shape || (tensor.IsEmpty && shape.Count > 0))
        {
            throw new ShapeException(operation, name, $"{DType.Float32}{shape}", tensor.IsEmpty ? "absent" : tensor.ToString());
        }
    }

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

    /// <summary>The tensor is present, fp32 and a matrix.</summary>
    public static void Matrix(
        Tensor tensor,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.IsEmpty || tensor.DType != DType.Float32 || tensor.Shape.Rank != 2)
        {
            throw new ShapeException(operation, name, $"{DType.Float32}[rows, columns]", tensor.IsEmpty ? "absent" : tensor.ToString());
        }
    }

    /// <summary>The columns are of an fp32 matrix that is present, and lie in it.</summary>
    /// <param name="rows">Rows that the matrix must have; null for any number.</param>
    /// <returns>The matrix's rows.</returns>
    public static int Columns(
        ColumnRange columns,
        int? rows = null,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(columns))] string name = "")
    {
        Matrix(columns.Matrix, operation, name);
        var shape = columns.Matrix.Shape;
        if (columns.First < 0 || columns.Count < 0 || (long)columns.First + columns.Count > shape[1] || shape[0] != (rows ?? shape[0]))
        {
            throw new ShapeException(
                operation, name, $"{DType.Float32}[{(rows is { } count ? $"{count}" : "rows")}, columns]",
                $"columns {columns.First} to {(long)columns.First + columns.Count} of {columns.Matrix}");
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
                operation, name, $"{DType.Float32} of at least {count} elements", tensor.IsEmpty ? "absent" : tensor.ToString());
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

    /// <summary>The pages are of the layer's heads, and every sequence has a page for each of its positions.</summary>
    public static void Pages(
        KeyValuePages cache, PackedBatch batch, PageTable table, AttentionShape shape, [CallerMemberName] string operation = "")
    {
        var pages = cache.Keys.Shape.Rank == 4 ? cache.Keys.Shape[0] : 0;
        var expected = new Shape(pages, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim);
        Floats(cache.Keys, expected, operation);
        Floats(cache.Values, expected, operation);
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
}
