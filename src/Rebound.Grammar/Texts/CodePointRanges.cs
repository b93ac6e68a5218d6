namespace Rebound.Grammar.Texts;

/// <summary>A set of Unicode's scalar values, as ranges in order that do not touch.</summary>
internal sealed class CodePointRanges
{
    private const int Last = 0x10FFFF;
    private const int FirstSurrogate = 0xD800;
    private const int LastSurrogate = 0xDFFF;

    private CodePointRanges(IReadOnlyList<(int First, int Last)> ranges) => Ranges = ranges;

    public static CodePointRanges None { get; } = new([]);

    public static CodePointRanges All { get; } = Of((0, Last));

    public static CodePointRanges Digits { get; } = Of(('0', '9'));

    /// <summary>ECMAScript's <c>\w</c>.</summary>
    public static CodePointRanges Word { get; } = Of(('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_'));

    /// <summary>ECMAScript's <c>\s</c>.</summary>
    public static CodePointRanges WhiteSpace { get; } = Of(
        (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>ECMAScript's <c>.</c>.</summary>
    public static CodePointRanges AnyButLineEnds { get; } = Of((10, 10), (13, 13), (0x2028, 0x2029)).Inverted();

    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public static CodePointRanges Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Where(range => range.First <= range.Last).SelectMany(WithoutSurrogates).Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new CodePointRanges(merged);
    }

    public static CodePointRanges Where(Func<int, bool> holds)
    {
        var ranges = new List<(int First, int Last)>();
        for (var value = 0; value <= Last; value++)
        {
            if (holds(value))
            {
                var first = value;
                while (value < Last && holds(value + 1))
                {
                    value++;
                }

                ranges.Add((first, value));
            }
        }

        return Of(ranges);
    }

    public CodePointRanges Union(CodePointRanges other) => Of(Ranges.Concat(other.Ranges));

    public CodePointRanges Inverted()
    {
        var (rest, from) = (new List<(int First, int Last)>(), 0);
        foreach (var (first, last) in Ranges)
        {
            rest.Add((from, first - 1));
            from = last + 1;
        }

        rest.Add((from, Last));
        return Of(rest);
    }

    public CodePointRanges Without(CodePointRanges other) => Inverted().Union(other).Inverted();

    public bool Contains(int value) => Ranges.Any(range => range.First <= value && value <= range.Last);

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        (int First, int Last)[] parts =
        [
            (range.First, Math.Min(range.Last, FirstSurrogate - 1)),
            (Math.Max(range.First, LastSurrogate + 1), range.Last),
        ];
        return parts.Where(part => part.First <= part.Last);
    }
}
