using System.Numerics;

namespace Rebound.Jinja.Values;

/// <summary>Boxes of common values, so that loops over indices and comparisons allocate nothing.</summary>
internal static class Boxed
{
    public static readonly object True = true;
    public static readonly object False = false;

    private const int Lowest = -16;
    private const int Count = 1040;
    private static readonly object[] SmallIntegers = MakeSmallIntegers();

    public static object Of(bool value) => value ? True : False;

    public static object Of(long value)
    {
        var index = value - Lowest;
        return (ulong)index < Count ? SmallIntegers[index] : value;
    }

    public static object Of(Int128 value) =>
        value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : (BigInteger)value;

    /// <summary>An integer of any size in its canonical form: <see cref="long"/> when it fits.</summary>
    public static object Of(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : value;

    private static object[] MakeSmallIntegers()
    {
        var boxes = new object[Count];
        for (var index = 0; index < Count; index++)
        {
            boxes[index] = (long)(index + Lowest);
        }

        return boxes;
    }
}
