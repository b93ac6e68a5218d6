namespace Rebound.Jinja.Values;

/// <summary>A slice resolved against a length: the first position, the step and how many positions.</summary>
internal readonly record struct Slice(int First, long Step, int Count)
{
    /// <summary>Resolves <c>start:stop:step</c> (each None or an integer) as Python's <c>slice.indices</c> does.</summary>
    public static Slice Resolve(object? start, object? stop, object? step, int length)
    {
        var stride = step is null ? 1 : Index(step);
        if (stride == 0)
        {
            throw Fault.Evaluation("slice step cannot be zero");
        }

        long lowest = stride > 0 ? 0 : -1;
        long highest = stride > 0 ? length : length - 1;
        var from = start is null ? (stride > 0 ? lowest : highest) : Clamp(Index(start), length, lowest, highest);
        var to = stop is null ? (stride > 0 ? highest : lowest) : Clamp(Index(stop), length, lowest, highest);
        var span = stride > 0 ? to - from : from - to;
        var width = (UInt128)Int128.Abs(stride);
        var count = span <= 0 ? 0 : (int)(((UInt128)span + width - 1) / width);
        return new Slice(count == 0 ? 0 : (int)from, stride, count);
    }

    public object?[] Pick(object?[] items)
    {
        var picked = new object?[Count];
        for (var position = 0; position < Count; position++)
        {
            picked[position] = items[First + (position * Step)];
        }

        return picked;
    }

    private static long Clamp(long index, int length, long lowest, long highest) =>
        Math.Clamp(index < 0 ? index + length : index, lowest, highest);

    private static long Index(object value) => value switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        System.Numerics.BigInteger number => number.Sign < 0 ? long.MinValue / 2 : long.MaxValue / 2,
        Undefined undefined => throw undefined.Used(),
        _ => throw Fault.Evaluation("slice indices must be integers or None or have an __index__ method"),
    };
}
