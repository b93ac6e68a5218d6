using Rebound.Quantization;

namespace Rebound.Engine;

/// <summary>
/// A weight matrix whose rows lie in several places, each part in a type of its own: a fused projection whose tensors stay where they
/// are in a file. It owns no memory.
/// </summary>
public sealed unsafe class RowParts
{
    private readonly Tensor[] _parts;
    private readonly BlockType[] _types;
    private readonly int[] _ends;

    /// <param name="parts">[rows, K] matrices of one width on one device, one below the other.</param>
    public RowParts(params ReadOnlySpan<Tensor> parts)
    {
        _parts = parts.ToArray();
        _types = [.. _parts.Select(part => part.DType.Blocks())];
        _ends = new int[parts.Length];
        var rows = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Shape.Rank != 2 || parts[i].Shape[1] != parts[0].Shape[1])
            {
                throw new ShapeException(nameof(RowParts), nameof(parts), $"[rows, {parts[0].Shape[1]}]", parts[i].ToString());
            }

            rows += parts[i].Shape[0];
            _ends[i] = rows;
        }

        Whole = new Tensor(this, new Shape(rows, parts[0].Shape[1]));
    }

    /// <summary>All rows as one tensor: of the type of its parts, or of <see cref="DType.Mixed"/>.</summary>
    public Tensor Whole { get; }

    /// <summary>The parts from the first row to the last.</summary>
    public IReadOnlyList<Tensor> Parts => _parts;

    /// <summary>Where a row lies, and its type.</summary>
    /// <param name="rows">Rows of its part from it on.</param>
    internal (nint Address, BlockType Type) Find(int row, out int rows)
    {
        var part = 0;
        while (row >= _ends[part])
        {
            part++;
        }

        var (tensor, type) = (_parts[part], _types[part]);
        var first = part == 0 ? 0 : _ends[part - 1];
        rows = _ends[part] - row;
        return (tensor.Address + (nint)type.BytesOf((row - first) * tensor.Shape.RowLength), type);
    }
}
