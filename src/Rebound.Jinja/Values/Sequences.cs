namespace Rebound.Jinja.Values;

/// <summary>A value with a length and elements by position: list, tuple or range.</summary>
internal interface ISequence
{
    int Count { get; }

    object? this[int index] { get; }

    /// <summary>The elements at the given positions, as the same kind of sequence.</summary>
    object Select(Slice slice);
}

/// <summary>Python's list. The sandbox forbids changing one, so it is a fixed array.</summary>
internal sealed class ListValue(object?[] items) : ISequence
{
    public static readonly ListValue Empty = new([]);

    public object?[] Items { get; } = items;

    public int Count => Items.Length;

    public object? this[int index] => Items[index];

    public object Select(Slice slice) => new ListValue(slice.Pick(Items));
}

/// <summary>Python's tuple.</summary>
internal class TupleValue(params object?[] items) : ISequence
{
    public object?[] Items { get; } = items;

    public int Count => Items.Length;

    public object? this[int index] => Items[index];

    public object Select(Slice slice) => new TupleValue(slice.Pick(Items));
}

/// <summary>Python's range; Jinja's sandbox holds it to 100,000 elements.</summary>
internal sealed class RangeValue(long start, long stop, long step, int count) : ISequence
{
    private const int Longest = 100_000;

    public long Start { get; } = start;

    public long Step { get; } = step;

    public int Count { get; } = count;

    public long Stop { get; } = stop;

    public object? this[int index] => Boxed.Of(Start + (index * Step));

    public static RangeValue Between(long start, long stop, long step)
    {
        if (step == 0)
        {
            throw Fault.Evaluation("range() arg 3 must not be zero");
        }

        var span = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        var width = step > 0 ? (Int128)step : -(Int128)step;
        var count = span <= 0 ? 0 : (span + width - 1) / width;
        if (count > Longest)
        {
            throw Fault.Limit($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({Longest}).");
        }

        return new RangeValue(start, stop, step, (int)count);
    }

    public object Select(Slice slice)
    {
        var (first, step) = (Start + (slice.First * Step), Step * slice.Step);
        return new RangeValue(first, first + (slice.Count * step), step, slice.Count);
    }
}
