namespace Rebound.Grammar.Automata;

/// <summary>A set of bytes.</summary>
internal readonly record struct ByteSet(UInt128 Low, UInt128 High)
{
    private const int Half = 128;

    public static ByteSet None => default;

    public static ByteSet All => new(UInt128.MaxValue, UInt128.MaxValue);

    public bool IsEmpty => Low == 0 && High == 0;

    public static ByteSet Of(byte value) => Range(value, value);

    public static ByteSet Range(int first, int last)
    {
        var set = None;
        for (var value = first; value <= last; value++)
        {
            var bit = UInt128.One << (value % Half);
            set = value < Half ? set with { Low = set.Low | bit } : set with { High = set.High | bit };
        }

        return set;
    }

    public static ByteSet operator |(ByteSet a, ByteSet b) => new(a.Low | b.Low, a.High | b.High);

    public static ByteSet operator &(ByteSet a, ByteSet b) => new(a.Low & b.Low, a.High & b.High);

    public static ByteSet operator ~(ByteSet a) => new(~a.Low, ~a.High);

    public bool Contains(int value) => (value < Half ? Low >> value : High >> (value - Half) & 1) is var bits && (bits & 1) == 1;
}
