using System.Globalization;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>A set of code points, given by a test and remembered page by page as it is asked.</summary>
internal sealed class CodePointSet(Func<int, bool> contains)
{
    private const int PageBits = 8;
    private readonly bool[]?[] _pages = new bool[]?[0x110000 >> PageBits];

    public static CodePointSet WhiteSpace { get; } = new(CodePoints.IsWhiteSpace);

    /// <summary><c>\w</c> within brackets, as the Oniguruma library has it: without the joiners.</summary>
    public static CodePointSet WordInClass { get; } = new(c => c is not (0x200C or 0x200D) && CodePoints.IsWord(c));

    /// <summary><c>\w</c> by itself, where Oniguruma counts Latin-1's superscript digits and fractions too.</summary>
    public static CodePointSet Word { get; } =
        new(c => c is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE || WordInClass.Contains(c));

    public static CodePointSet Digit { get; } = new(c => CodePoints.Category(c) == UnicodeCategory.DecimalDigitNumber);

    public static CodePointSet AnyButNewline { get; } = new(c => c != '\n');

    public static CodePointSet Any { get; } = new(_ => true);

    public static CodePointSet Single(int codePoint) => new(c => c == codePoint);

    public static CodePointSet Range(int first, int last) => new(c => c >= first && c <= last);

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

    public bool Contains(int codePoint)
    {
        ref var page = ref _pages[codePoint >> PageBits];
        return (page ?? (page = BuildPage(codePoint >> PageBits)))[codePoint & ((1 << PageBits) - 1)];
    }

    public CodePointSet Inverted() => new(c => !contains(c));

    public CodePointSet Or(CodePointSet other) => new(c => Contains(c) || other.Contains(c));

    public CodePointSet And(CodePointSet other) => new(c => Contains(c) && other.Contains(c));

    private bool[] BuildPage(int page)
    {
        var members = new bool[1 << PageBits];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = contains((page << PageBits) + i);
        }

        return members;
    }
}
