using System.Runtime.CompilerServices;

namespace Rebound.Engine;

/// <summary>
/// The contracts of a backend's operations, checked before any work: device, shape and element type of every tensor. A check
/// allocates nothing unless it fails.
/// </summary>
/// <param name="takesBFloat16">Whether activations, weights and gradients may be bf16; else they are fp32.</param>
/// <param name="largestHeadDim">The most elements of a head.</param>
/// <param name="storedTypes">The types that frozen weights may be of besides.</param>
internal sealed class TensorContract(Device device, bool takesBFloat16, int largestHeadDim, StoredWeightTypes storedTypes)
{
    private readonly string _floating = takesBFloat16 ? $"{DType.Float32} or {DType.BFloat16}" : $"{DType.Float32}";

    /// <summary>The tensor is present, of this shape and fp32.</summary>
    public void Floats(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "") =>
        Elements(tensor, DType.Float32, shape, operation, name);

    /// <summary>The tensor is absent, or of this shape and fp32.</summary>
    public void FloatsOrEmpty(
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
    public void Elements(
        Tensor tensor,
        DType dtype,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        if (tensor.DType != dtype || tensor.Shape != shape || (tensor.IsEmpty && shape.Count > 0))
        {
            throw new ShapeException(operation, name, $"{dtype}{shape}", Describe(tensor));
        }
    }

    /// <summary>The tensor is empty, or of this element type and this shape.</summary>
    public void ElementsOrEmpty(
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

    /// <summary>The tensor is absent, or of this shape and of a type that the backend computes on.</summary>
    public void FloatingOrEmpty(
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

    /// <summary>The tensor is present, of this shape, and of a type that the backend computes on.</summary>
    public void Floating(
        Tensor tensor,
        Shape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        if (!IsFloating(tensor.DType) || tensor.Shape != shape || (tensor.IsEmpty && shape.Count > 0))
        {
            throw new ShapeException(operation, name, $"{_floating}{shape}", Describe(tensor));
        }
    }

    /// <summary>The tensor is present, a matrix, and of a type that the backend computes on.</summary>
    public void Matrix(
        Tensor tensor,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        if (tensor.IsEmpty || !IsFloating(tensor.DType) || tensor.Shape.Rank != 2)
        {
            throw new ShapeException(operation, name, $"{_floating}[rows, columns]", Describe(tensor));
        }
    }

    /// <summary>
    /// The tensor is present, a matrix, and of the other operand's type, or of one that weights are stored in where the backend takes
    /// those.
    /// </summary>
    /// <param name="type">The other operand's.</param>
    /// <param name="rows">Rows that it must have; null for any number.</param>
    /// <param name="columns">Columns that it must have; null for any number.</param>
    public void Weight(
        Tensor tensor,
        DType type,
        int? rows = null,
        int? columns = null,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        var isOfType = tensor.DType == type || Takes(storedTypes, tensor.DType);
        if (tensor.IsEmpty || !isOfType || tensor.Shape.Rank != 2
            || tensor.Shape[0] != (rows ?? tensor.Shape[0]) || tensor.Shape[1] != (columns ?? tensor.Shape[1]))
        {
            throw new ShapeException(
                operation, name,
                $"{type}{(storedTypes == StoredWeightTypes.None ? "" : " or another type of weights")}"
                + $"[{rows?.ToString() ?? "rows"}, {columns?.ToString() ?? "columns"}]",
                Describe(tensor));
        }
    }

    /// <summary>The tensor is a matrix of a type that files store weights in and the backend takes.</summary>
    public void Stored(
        Tensor tensor,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        if (tensor.IsEmpty || tensor.Shape.Rank != 2 || tensor.Parts is not null || !Takes(storedTypes, tensor.DType))
        {
            throw new ShapeException(operation, name, "[rows, columns] of a type that files store", Describe(tensor));
        }
    }

    /// <summary>Whether a type is one of those.</summary>
    public static bool Takes(StoredWeightTypes types, DType type) => types switch
    {
        StoredWeightTypes.None => false,
        StoredWeightTypes.Blocks => type.IsQuantized(),
        _ => type is not (DType.UInt16 or DType.Int32),
    };

    /// <summary>The columns lie in a matrix that is present and of this type.</summary>
    /// <param name="dtype">Null for any that the backend computes on.</param>
    /// <param name="rows">Rows that the matrix must have; null for any number.</param>
    public void Columns(
        ColumnRange columns,
        DType? dtype = null,
        int? rows = null,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(columns))] string name = "")
    {
        var (matrix, shape) = (columns.Matrix, columns.Matrix.Shape);
        Reachable(matrix, operation, name);
        var isOfType = dtype is null ? IsFloating(matrix.DType) : matrix.DType == dtype;
        if (matrix.IsEmpty || !isOfType || shape.Rank != 2 || columns.First < 0 || columns.Count < 0
            || (long)columns.First + columns.Count > shape[1] || shape[0] != (rows ?? shape[0]))
        {
            throw new ShapeException(
                operation, name, $"{(dtype is null ? _floating : $"{dtype}")}[{(rows is { } count ? $"{count}" : "rows")}, columns]",
                matrix.IsEmpty ? "absent" : $"columns {columns.First} to {(long)columns.First + columns.Count} of {matrix}");
        }
    }

    /// <summary>The tensor is present, fp32 and has at least this many elements.</summary>
    public void AtLeast(
        Tensor tensor,
        long count,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        Reachable(tensor, operation, name);
        if (tensor.IsEmpty || tensor.DType != DType.Float32 || tensor.Count < count)
        {
            throw new ShapeException(
                operation, name, $"{DType.Float32} of at least {count} elements", Describe(tensor));
        }
    }

    /// <summary>Heads that divide evenly into groups, and a head dimension that splits into two halves.</summary>
    public void Heads(AttentionShape shape, [CallerMemberName] string operation = "")
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

        if (shape.HeadDim > largestHeadDim)
        {
            throw new ShapeException(operation, nameof(shape), $"of a head dimension up to {largestHeadDim}", $"{shape.HeadDim}");
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

    /// <summary>A batch that was prepared by this backend or one over the same memory.</summary>
    public void Batch(PreparedBatch batch, [CallerMemberName] string operation = "")
    {
        if (!ReferenceEquals(batch.Device, device))
        {
            throw new DeviceException(operation, nameof(batch), $"{device}", $"{batch.Device}");
        }
    }

    /// <summary>Made by this backend or one over the same memory.</summary>
    public void Sampling(PreparedSampling sampling, [CallerMemberName] string operation = "")
    {
        if (!ReferenceEquals(sampling.Device, device))
        {
            throw new DeviceException(operation, nameof(sampling), $"{device}", $"{sampling.Device}");
        }
    }

    /// <summary>Every token id is a row of the embedding.</summary>
    /// <param name="range">The lowest and the highest of them.</param>
    public static void Tokens(
        ReadOnlySpan<int> tokens, (int Lowest, int Highest) range, int vocabulary, [CallerMemberName] string operation = "")
    {
        if (range.Lowest >= 0 && range.Highest < vocabulary)
        {
            return;
        }

        var row = tokens.IndexOfAnyExceptInRange(0, vocabulary - 1);
        if (row >= 0)
        {
            throw new ArgumentException(
                $"{operation}: token id {tokens[row]} at row {row} is outside of the vocabulary of {vocabulary} "
                + $"(0 to {vocabulary - 1}); check that tokenizer and model belong together.",
                nameof(tokens));
        }
    }

    /// <summary>Heads that fit a batch, and a table that holds the angles of all its positions.</summary>
    public void Rotation(
        Tensor heads,
        RotaryTable rotary,
        PreparedBatch batch,
        AttentionShape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(heads))] string name = "")
    {
        Heads(shape, operation);
        Batch(batch, operation);
        Floating(heads, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim), operation, name);
        var angles = new Shape(rotary.Positions, shape.HeadDim / 2);
        Floats(rotary.Cosines, angles, operation);
        Floats(rotary.Sines, angles, operation);
        if (batch.Batch.LastPosition >= rotary.Positions)
        {
            throw new ShapeException(
                operation, nameof(rotary), $"of more than {batch.Batch.LastPosition} positions", $"of {rotary.Positions}");
        }
    }

    /// <summary>Pages of the layer's heads and of this type, among which are all that the batch was prepared with.</summary>
    public void Pages(
        KeyValuePages cache, DType dtype, PreparedBatch batch, AttentionShape shape, [CallerMemberName] string operation = "")
    {
        var pages = cache.Keys.Shape.Rank == 4 ? cache.Keys.Shape[0] : 0;
        var expected = new Shape(pages, shape.KeyValueHeads, PageTable.PageTokens, shape.HeadDim);
        Elements(cache.Keys, dtype, expected, operation);
        Elements(cache.Values, dtype, expected, operation);
        if (batch.Pages is not { } table)
        {
            throw new ShapeException(operation, nameof(batch), "prepared with pages", "without any");
        }

        if (table.Lowest < 0 || table.Highest >= pages)
        {
            throw new ShapeException(
                operation, nameof(batch), $"of pages 0 to {pages - 1}", $"of pages {table.Lowest} to {table.Highest}");
        }
    }

    /// <summary>A gradient and moments of a parameter's shape, and a step that has a number.</summary>
    public void Optimizer(
        Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step,
        [CallerMemberName] string operation = "")
    {
        Floating(gradient, parameter.Shape, operation);
        Floating(firstMoment, parameter.Shape, operation);
        Elements(secondMoment, firstMoment.DType, parameter.Shape, operation);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
    }

    /// <summary>A tensor [T, H + 2·KvH, HeadDim] of a type that the backend computes on.</summary>
    /// <returns>T.</returns>
    public int FusedHeads(
        Tensor tensor,
        AttentionShape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        var tokens = tensor.Shape.Rank == 3 ? tensor.Shape[0] : 0;
        Floating(tensor, new Shape(tokens, shape.FusedHeads, shape.HeadDim), operation, name);
        return tokens;
    }

    /// <summary>As many elements of as many bytes as a copy has on the host's side.</summary>
    public void Copied<T>(
        Tensor tensor,
        int count,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
        where T : unmanaged
    {
        Reachable(tensor, operation, name);
        var bytes = Unsafe.SizeOf<T>();
        if (tensor.Count != count || tensor.DType.BytesOf(count) != (long)count * bytes)
        {
            throw new ShapeException(operation, name, $"of {count} elements of {bytes} bytes", tensor.ToString());
        }
    }

    private void Reachable(Tensor tensor, string operation, string name)
    {
        if (!tensor.IsEmpty && !ReferenceEquals(tensor.Device, device))
        {
            throw new DeviceException(operation, name, $"{device}", $"{tensor.Device}");
        }
    }

    private bool IsFloating(DType dtype) => dtype == DType.Float32 || (takesBFloat16 && dtype == DType.BFloat16);

    private static string Describe(Tensor tensor) => tensor.IsEmpty ? "absent" : tensor.ToString();
}
