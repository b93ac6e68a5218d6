using System.Collections.Concurrent;
using System.Globalization;

namespace Rebound.Grammar.Texts;

/// <summary>Escapes and classes of characters.</summary>
internal sealed partial class PatternReader
{
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps",
        "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly ConcurrentDictionary<(string Name, bool Negated), CodePointRanges> Known = [];

    private PatternPart.Set Escape()
    {
        var (set, character) = EscapedSet();
        return new PatternPart.Set(set ?? CodePointRanges.Of((character, character)));
    }

    /// <summary>The set or the character behind a backslash.</summary>
    private (CodePointRanges? Set, int Character) EscapedSet()
    {
        var character = Next();
        return character switch
        {
            'd' => (CodePointRanges.Digits, 0),
            'D' => (CodePointRanges.Digits.Inverted(), 0),
            'w' => (CodePointRanges.Word, 0),
            'W' => (CodePointRanges.Word.Inverted(), 0),
            's' => (CodePointRanges.WhiteSpace, 0),
            'S' => (CodePointRanges.WhiteSpace.Inverted(), 0),
            'p' or 'P' => (Category(negated: character == 'P'), 0),
            't' => (null, '\t'),
            'n' => (null, '\n'),
            'r' => (null, '\r'),
            'f' => (null, '\f'),
            'v' => (null, '\v'),
            '0' => (null, 0),
            'x' => (null, Hexadecimal(2)),
            'u' => (null, CodePoint()),
            'b' or 'B' or 'k' or (>= '1' and <= '9') => throw Wrong(
                $"has \\{(char)character}: words' ends and references back are more than a finite automaton does"),
            (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => throw Wrong($"has the unknown escape \\{(char)character}"),
            _ => (null, character),
        };
    }

    private int CodePoint()
    {
        if (Takes('{'))
        {
            var end = _pattern.IndexOf('}', _at);
            return end < 0 ? throw Wrong("has \\u{ without its end") : Hexadecimal(end - _at, closing: 1);
        }

        var value = Hexadecimal(4);
        if (char.IsHighSurrogate((char)value) && _pattern.AsSpan(_at).StartsWith("\\u"))
        {
            _at += 2;
            var low = Hexadecimal(4);
            return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)value, (char)low) : throw Wrong("has half a surrogate pair");
        }

        return value;
    }

    private int Hexadecimal(int digits, int closing = 0)
    {
        if (digits is < 1 or > 6 || _at + digits > _pattern.Length
            || !int.TryParse(_pattern.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0x10FFFF)
        {
            throw Wrong("has an escape of a code point without its hexadecimal digits");
        }

        _at += digits + closing;
        return value;
    }

    /// <summary>A general category, as <c>{Lu}</c> or <c>{L}</c>.</summary>
    private CodePointRanges Category(bool negated)
    {
        var end = Takes('{') ? _pattern.IndexOf('}', _at) : -1;
        var name = end < 0 ? "" : _pattern[_at..end];
        var wanted = Categories.Select(category => name.Length > 0 && category.StartsWith(name, StringComparison.Ordinal)).ToArray();
        if (!wanted.Contains(value: true))
        {
            throw Wrong($"has a class \\p{{{name}}}; known are Unicode's general categories, such as \\p{{L}} and \\p{{Lu}}");
        }

        _at = end + 1;
        return Known.GetOrAdd((name, negated), _ => CodePointRanges.Where(
            value => wanted[(int)CharUnicodeInfo.GetUnicodeCategory(value)] != negated));
    }

    private CodePointRanges Class()
    {
        var (negated, set) = (Takes('^'), CodePointRanges.None);
        while (!Takes(']'))
        {
            var (members, first) = Member();
            if (members is null && _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                var (others, last) = Member();
                members = others is null && first <= last
                    ? CodePointRanges.Of((first, last))
                    : throw Wrong("has a range of characters that does not ascend");
            }

            set = set.Union(members ?? CodePointRanges.Of((first, first)));
        }

        return negated ? set.Inverted() : set;
    }

    private (CodePointRanges? Set, int Character) Member()
    {
        if (!Takes('\\'))
        {
            return (null, Next());
        }

        return Takes('b') ? (null, '\b') : EscapedSet();
    }
}
