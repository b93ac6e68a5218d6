using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Quantization;

namespace Rebound.Models.Parameters;

/// <content>Parameters that ranks divide: the set's own part of every block.</content>
public sealed partial class ParameterSet
{
    /// <summary>The part of the parameters that this set works on: <see cref="Pieces"/>.</summary>
    public ParameterPart Part { get; }

    /// <summary>The share of the parameters that is in memory.</summary>
    public ParameterStorage Storage { get; }

    /// <summary>The elements of <see cref="Part"/>, parameter by parameter; those of all sets of the table and the part.</summary>
    public IReadOnlyList<ParameterPiece> Pieces => _layout.Pieces;

    /// <summary>Elements of a block with its padding, a multiple of <see cref="ParameterPart.Count"/>; 0 without parameters.</summary>
    public int CountOf(int block) => _layout.Block(block).Count;

    /// <summary>For every block what <see cref="CountOf"/> says of a set; nothing is allocated.</summary>
    public static IReadOnlyList<int> CountsOf(ParameterTable table, DType type, ParameterPart part)
    {
        var layout = new ParameterLayout(table, part, type);
        return [.. Enumerable.Range(0, table.BlockCount).Select(block => layout.Block(block).Count)];
    }

    /// <summary>A block with its padding: [<see cref="CountOf(int)"/>].</summary>
    /// <exception cref="InvalidOperationException">The set holds its own part alone, and the block is not open.</exception>
    public Tensor Block(int block)
    {
        var (start, count) = _layout.Block(block);
        return At(block, start, new Shape(count));
    }

    /// <summary>Of a set that keeps its own part alone: makes a block whole, in memory of the caller's.</summary>
    /// <param name="memory">
    /// [<see cref="CountOf(int)"/>] of <see cref="Type"/>, laid out as the block is, the set's until <see cref="Close"/>.
    /// </param>
    /// <exception cref="InvalidOperationException">The set keeps everything.</exception>
    public void Open(int block, Tensor memory)
    {
        if (Storage == ParameterStorage.Whole)
        {
            throw new InvalidOperationException("A set that keeps everything has no blocks to open.");
        }

        _open[block] = memory;
    }

    /// <summary>Ends what <see cref="Open"/> began.</summary>
    public void Close(int block) => _open[block] = default;

    /// <summary>The set's own part of a block, with the padding in it.</summary>
    public Tensor Own(int block)
    {
        var (start, count) = _layout.PartOf(block);
        return OwnAt(_arena, Type, block, start, count, Storage);
    }

    /// <summary>The elements of one of <see cref="Pieces"/>; the whole parameter in its shape where nothing is divided.</summary>
    public Tensor Own(in ParameterPiece piece) => Shaped(
        piece,
        OwnAt(_arena, Type, Table.BlockOf(piece.Parameter), _layout.OffsetOf(piece.Parameter) + piece.First, piece.Count, Storage));

    /// <summary>The lower halves of one of <see cref="Pieces"/>; empty where there are none.</summary>
    public Tensor LowerHalves(in ParameterPiece piece) => _lower is null
        ? default
        : Shaped(
            piece,
            OwnAt(
                _lower, DType.UInt16, Table.BlockOf(piece.Parameter), _layout.OffsetOf(piece.Parameter) + piece.First, piece.Count,
                ParameterStorage.OwnPart));

    /// <summary>Whether all elements can be read here exactly; otherwise ranks gather them (<see cref="ReadGathered"/>).</summary>
    public bool IsReadable => Part.Count == 1 || (Storage == ParameterStorage.Whole && _lower is null);

    /// <summary>Whether bf16 values have lower halves beside them.</summary>
    public bool HasLowerHalves => _lower is not null;

    /// <summary>The lower halves of the set's own part of a block.</summary>
    public Tensor OwnLowerHalves(int block)
    {
        var (start, count) = _layout.PartOf(block);
        return OwnAt(_lower!, DType.UInt16, block, start, count, ParameterStorage.OwnPart);
    }

    /// <summary>The elements of a checkpoint's tensor that lie in the set's own part: the first one's index in it, and how many.</summary>
    public (long First, int Count) OwnRange(ParameterSlice slice)
    {
        var first = FirstElement(slice);
        var piece = _layout.Within(slice.Parameter, first, slice.Shape.Count);
        return (piece.First - first, piece.Count);
    }

    /// <summary>Copies <see cref="OwnRange"/> to host memory, as fp32; of a set without lower halves.</summary>
    public void ReadOwn(ParameterSlice slice, Span<float> destination)
    {
        var own = Own(_layout.Within(slice.Parameter, FirstElement(slice), slice.Shape.Count));
        if (Type == DType.Float32)
        {
            Backend.CopyToHost(destination, own);
            return;
        }

        var halves = new ushort[own.Count];
        Backend.CopyToHost<ushort>(halves, own);
        HalfPrecision.WidenBFloat16(halves, destination);
    }

    /// <summary>Copies a tensor of a block that ranks have gathered to host memory, as fp32.</summary>
    /// <param name="block">The whole block: [<see cref="CountOf(int)"/>].</param>
    /// <param name="lower">Its lower halves; empty where there are none.</param>
    public void ReadGathered(ParameterSlice slice, Tensor block, Tensor lower, Span<float> destination)
    {
        var first = FirstElement(slice);
        var start = checked((int)(_layout.OffsetOf(slice.Parameter) + first - _layout.Block(Table.BlockOf(slice.Parameter)).Start));
        var upper = block.Rows(start, destination.Length);
        if (Type == DType.Float32)
        {
            Backend.CopyToHost(destination, upper);
            return;
        }

        Read(upper, lower.IsEmpty ? default : lower.Rows(start, destination.Length), destination, slice.Parameter, first);
    }

    /// <summary>Whether the set keeps any element of a checkpoint's tensor.</summary>
    internal bool Keeps(ParameterSlice slice) => Kept(slice.Parameter, FirstElement(slice), slice.Shape.Count).Count > 0;

    /// <summary>Those of a range of a parameter's elements that are in memory.</summary>
    private ParameterPiece Kept(int parameter, long first, long count) => Storage == ParameterStorage.Whole
        ? new ParameterPiece(parameter, first, checked((int)count))
        : _layout.Within(parameter, first, count);

    /// <summary>Elements that are in memory.</summary>
    private Tensor Elements(in ParameterPiece kept) => Storage == ParameterStorage.Whole
        ? At(Table.BlockOf(kept.Parameter), _layout.OffsetOf(kept.Parameter) + kept.First, new Shape(kept.Count))
        : Own(kept);

    /// <param name="element">Its place among all.</param>
    private Tensor At(int block, long element, Shape shape)
    {
        Arriving?.Invoke(block);
        if (Storage == ParameterStorage.Whole)
        {
            return Place(_arena, Type, element, shape);
        }

        var open = _open[block];
        return !open.IsEmpty
            ? new Tensor(
                open.Address + (nint)((element - _layout.Block(block).Start) * Type.SizeInBytes()), shape, Type, open.Device)
            : throw new InvalidOperationException($"Block {block} was asked for, and its own part alone is in memory.");
    }

    /// <param name="element">Its place among all.</param>
    private Tensor OwnAt(Arena arena, DType type, int block, long element, int count, ParameterStorage storage) =>
        storage == ParameterStorage.Whole
            ? At(block, element, new Shape(count))
            : Place(arena, type, _layout.InPart(block, element), new Shape(count));

    private static Tensor Place(Arena arena, DType type, long element, Shape shape) =>
        new(arena[0].Address + (nint)(element * type.SizeInBytes()), shape, type, arena[0].Device);

    private Tensor Shaped(in ParameterPiece piece, Tensor elements) =>
        piece.Count == Table.Parameters[piece.Parameter].Shape.Count ? elements.Reshape(Table.Parameters[piece.Parameter].Shape) : elements;

    /// <summary>The dry run of a set: lines of 64 bytes.</summary>
    private static ArenaPlan Plan(long count, DType type, ParameterPart part, ParameterStorage storage)
    {
        var columns = ArenaPlan.Alignment / type.SizeInBytes();
        var kept = storage == ParameterStorage.Whole ? count : count / part.Count;
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("parameters", new Shape(checked((int)((kept + columns - 1) / columns)), columns), type));
        return plan;
    }
}
