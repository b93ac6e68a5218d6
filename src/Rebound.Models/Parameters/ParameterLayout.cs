using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <summary>
/// Where parameters lie in the memory of a set, in elements. Blocks follow each other; one that is divided is padded, so that its parts
/// are of equal length, begin at a multiple of 64 bytes, and hold the same elements whatever these are.
/// </summary>
internal sealed class ParameterLayout
{
    /// <summary>Elements that begin at a multiple of <see cref="ArenaPlan.Alignment"/> in every type.</summary>
    private const int DividedAlignment = ArenaPlan.Alignment / sizeof(ushort);

    private readonly ParameterTable _table;
    private readonly ParameterPart _part;
    private readonly Func<int, bool> _isElsewhere;
    private readonly long[] _offsets;
    private readonly long[] _blockStarts;

    /// <param name="type">Of the elements.</param>
    /// <param name="isElsewhere">Of one of the table's parameters, whether the set has it in other memory; null for none.</param>
    public ParameterLayout(ParameterTable table, ParameterPart part, DType type, Func<int, bool>? isElsewhere = null)
    {
        (_table, _part, _isElsewhere) = (table, part, isElsewhere ?? (_ => false));
        _offsets = new long[table.Parameters.Count];
        _blockStarts = new long[table.BlockCount + 1];
        var alignment = part.Count == 1 ? ArenaPlan.Alignment / type.SizeInBytes() : DividedAlignment;
        var top = 0L;
        for (var block = 0; block < table.BlockCount; block++)
        {
            _blockStarts[block] = top;
            var (first, count) = table.Block(block).GetOffsetAndLength(_offsets.Length);
            for (var parameter = first; parameter < first + count; parameter++)
            {
                _offsets[parameter] = top;
                top = Aligned(top + CountOf(parameter), alignment);
            }

            top = Aligned(top, (long)alignment * part.Count);
        }

        _blockStarts[^1] = top;
        Pieces = [.. Enumerable.Range(0, table.Parameters.Count).Select(PieceOf).Where(piece => piece.Count > 0)];
    }

    /// <summary>Elements of all blocks, with those between them.</summary>
    public long Count => _blockStarts[^1];

    /// <summary>The elements of the part, parameter by parameter.</summary>
    public IReadOnlyList<ParameterPiece> Pieces { get; }

    /// <summary>Where a parameter begins.</summary>
    public long OffsetOf(int parameter) => _offsets[parameter];

    /// <summary>Where a block begins, and how long it is with its padding.</summary>
    public (long Start, int Count) Block(int block) =>
        (_blockStarts[block], checked((int)(_blockStarts[block + 1] - _blockStarts[block])));

    /// <summary>Where the part begins in a block, and how long it is.</summary>
    public (long Start, int Count) PartOf(int block)
    {
        var (start, count) = Block(block);
        return (start + ((long)_part.Index * (count / _part.Count)), count / _part.Count);
    }

    /// <summary>Where an element of the part lies among those of the part alone.</summary>
    /// <param name="element">Its place among all.</param>
    public long InPart(int block, long element) => (_blockStarts[block] / _part.Count) + element - PartOf(block).Start;

    /// <summary>The piece of a parameter that lies in the part; of no elements where none does.</summary>
    public ParameterPiece PieceOf(int parameter) => Within(parameter, 0, CountOf(parameter));

    /// <summary>The elements of a range of a parameter that lie in the part.</summary>
    public ParameterPiece Within(int parameter, long first, long count)
    {
        var (start, length) = PartOf(_table.BlockOf(parameter));
        var from = Math.Max(first, start - _offsets[parameter]);
        var end = Math.Min(first + count, start + length - _offsets[parameter]);
        return new ParameterPiece(parameter, from, checked((int)Math.Max(0, end - from)));
    }

    private long CountOf(int parameter) => _isElsewhere(parameter) ? 0 : _table.Parameters[parameter].Shape.Count;

    private static long Aligned(long count, long alignment) => (count + alignment - 1) / alignment * alignment;
}
