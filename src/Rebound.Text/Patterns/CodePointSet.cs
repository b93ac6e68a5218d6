using System.Globalization;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>A set of code points: one interval, or a test whose answers are remembered page by page as they are asked for.</summary>
internal sealed class CodePointSet
{
    private const int PageSize = 256;
    private const int PlaneSize = 0x10000;

    private readonly int _first;
    private readonly int _last = -1;
    private readonly Func<int, bool>? _test;
    private bool[]?[]? _basicPlane;
    private bool[]?[]?[]? _otherPlanes;
    private CodePointSet? _inverted;

    private CodePointSet(Func<int, bool> test) => _test = test;

    private CodePointSet(int first, int last) => (_first, _last) = (first, last);

    public static CodePointSet WhiteSpace { get; } = new(CodePoints.IsWhiteSpace);

    /// <summary><c>\w</c> within brackets, as the Oniguruma library has it: without the joiners.</summary>
    public static CodePointSet WordInClass { get; } = new(c => c is not (0x200C or 0x200D) && CodePoints.IsWord(c));

    /// <summary><c>\w</c> by itself, where Oniguruma counts Latin-1's superscript digits and fractions too.</summary>
    public static CodePointSet Word { get; } =
        new(c => c is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE || WordInClass.Contains(c));

    public static CodePointSet Digit { get; } = new(c => CodePoints.Category(c) == UnicodeCategory.DecimalDigitNumber);

    public static CodePointSet AnyButNewline { get; } = Single('\n').Inverted();

    public static CodePointSet Any { get; } = Range(0, 0x10FFFF);

    public static CodePointSet Single(int codePoint) => new(codePoint, codePoint);

    public static CodePointSet Range(int first, int last) => new(first, last);

    /// <summary>The code points of one of some general categories.</summary>
    public static CodePointSet Categories(params UnicodeCategory[] categories)
    {
        var wanted = categories.Aggregate(0L, (bits, category) => bits | (1L << (int)category));
        return new CodePointSet(c => (wanted >> (int)CodePoints.Category(c) & 1) != 0);
    }

    /// <summary>A letter of ASCII whatever its case, with the two signs outside of ASCII that fold to one.</summary>
    public static CodePointSet IgnoringCase(char letter)
    {
        var lower = char.ToLowerInvariant(letter);
        var upper = char.ToUpperInvariant(letter);
        var sign = lower switch { 's' => 0x17F, 'k' => 0x212A, _ => lower };
        return new CodePointSet(c => c == lower || c == upper || c == sign);
    }

    /// <summary>The union of some sets, one level deep however many they are.</summary>
    public static CodePointSet AnyOf(IReadOnlyCollection<CodePointSet> sets)
    {
        if (sets.Count == 1)
        {
            return sets.First();
        }

        var (firsts, lasts) = Merged(sets.Where(set => set._test is null));
        CodePointSet[] others = [.. sets.Where(set => set._test is not null).Distinct()];
        return new CodePointSet(c => IsWithin(c) || Array.Exists(others, set => set.Test(c)));

        bool IsWithin(int codePoint)
        {
            var at = Array.BinarySearch(firsts, codePoint);
            at = at < 0 ? ~at - 1 : at;
            return at >= 0 && codePoint <= lasts[at];
        }
    }

    /// <summary>The intersection of some sets.</summary>
    public static CodePointSet AllOf(IReadOnlyCollection<CodePointSet> sets)
    {
        CodePointSet[] distinct = [.. sets.Distinct()];
        return distinct is [var only] ? only : new CodePointSet(c => Array.TrueForAll(distinct, set => set.Test(c)));
    }

    /// <param name="codePoint">A code point, not negative.</param>
    public bool Contains(int codePoint)
    {
        if (_test is null)
        {
            return codePoint >= _first && codePoint <= _last;
        }

        var pages = (codePoint < PlaneSize ? _basicPlane : _otherPlanes?[codePoint >> 16]) ?? NewPlane(codePoint >> 16);
        ref var page = ref pages[(codePoint >> 8) & 0xFF];
        return (page ?? (page = BuildPage(codePoint & ~0xFF)))[codePoint & 0xFF];
    }

    public CodePointSet Inverted() => _inverted ??= new CodePointSet(c => !Test(c)) { _inverted = this };

    /// <summary>Intervals in order, those that overlap made one.</summary>
    private static (int[] Firsts, int[] Lasts) Merged(IEnumerable<CodePointSet> intervals)
    {
        var (firsts, lasts) = (new List<int>(), new List<int>());
        foreach (var interval in intervals.OrderBy(interval => interval._first))
        {
            if (lasts.Count > 0 && interval._first <= lasts[^1])
            {
                lasts[^1] = Math.Max(lasts[^1], interval._last);
                continue;
            }

            firsts.Add(interval._first);
            lasts.Add(interval._last);
        }

        return ([.. firsts], [.. lasts]);
    }

    private bool Test(int codePoint) => _test?.Invoke(codePoint) ?? (codePoint >= _first && codePoint <= _last);

    private bool[]?[] NewPlane(int plane)
    {
        var pages = new bool[]?[PlaneSize / PageSize];
        if (plane == 0)
        {
            return _basicPlane = pages;
        }

        _otherPlanes ??= new bool[]?[]?[0x110000 / PlaneSize];
        return _otherPlanes[plane] = pages;
    }

    private bool[] BuildPage(int first)
    {
        var members = new bool[PageSize];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = Test(first + i);
        }

        return members;
    }
}
