using System.Globalization;
using Rebound.Files.Messages;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>Classes of characters and escapes.</summary>
internal ref partial struct PatternParser
{
    /// <summary>A class after its opening bracket: members, ranges, nested classes, intersections.</summary>
    private CodePointSet ParseClass()
    {
        if (Current == ':')
        {
            throw Error("a POSIX bracket (use \\p{…})");
        }

        GoDeeper();
        var isNegated = TryTake('^');
        var sides = new List<CodePointSet>();
        var members = new List<CodePointSet>();
        for (var isFirst = true; isFirst || Current != ']'; isFirst = false)
        {
            if (IsAtEnd)
            {
                throw Error("a [ without its ]");
            }

            if (TryTake("&&"))
            {
                sides.Add(UnionOf(members));
                members.Clear();
                continue;
            }

            members.Add(ParseMember());
        }

        _at++;
        _depth--;
        sides.Add(UnionOf(members));
        var set = CodePointSet.AllOf(sides);
        return isNegated ? set.Inverted() : set;
    }

    private readonly CodePointSet UnionOf(List<CodePointSet> members) =>
        members.Count == 0 ? throw Error("an && with an empty side") : CodePointSet.AnyOf(members);

    private CodePointSet ParseMember()
    {
        if (TryTake('['))
        {
            return ParseClass();
        }

        var start = _at;
        if (Current == '\\' && !IsCharacterEscape())
        {
            return ParseEscape(inClass: true);
        }

        var first = TakeMemberCodePoint();
        if (Current != '-' || _at + 1 >= pattern.Length || pattern[_at + 1] is ']' or '[')
        {
            return Literal(first);
        }

        _at++;
        if (Current == '\\' && !IsCharacterEscape())
        {
            throw Error("a range that ends with a class");
        }

        var last = TakeMemberCodePoint();
        return last < first || _ignoresCase
            ? throw Error($"a range that {(last < first ? "runs backwards" : "ignores case")}", start)
            : CodePointSet.Range(first, last);
    }

    private int TakeMemberCodePoint() => Current == '\\' ? TakeCharacterEscape() : TakeCodePoint();

    private readonly bool IsCharacterEscape() => _at + 1 < pattern.Length && !char.IsAsciiLetter(pattern[_at + 1])
        || (_at + 1 < pattern.Length && pattern[_at + 1] is 't' or 'n' or 'r' or 'f' or 'v' or 'a' or 'e' or 'x' or 'u');

    /// <summary>An escape that stands for a class or a character.</summary>
    private CodePointSet ParseEscape(bool inClass)
    {
        if (IsCharacterEscape())
        {
            return Literal(TakeCharacterEscape());
        }

        _at++;
        switch (Current)
        {
            case 's' or 'S' or 'd' or 'D' or 'w' or 'W':
                var set = char.ToLowerInvariant(Current) switch
                {
                    's' => CodePointSet.WhiteSpace,
                    'd' => CodePointSet.Digit,
                    _ => inClass ? CodePointSet.WordInClass : CodePointSet.Word,
                };
                return char.IsUpper(pattern[_at++]) ? set.Inverted() : set;
            case 'p' or 'P':
                return ParseProperty();
            default:
                throw Error("an escape that is not supported", _at - 1);
        }
    }

    private CodePointSet ParseProperty()
    {
        var isNegated = pattern[_at++] == 'P';
        var end = Current == '{' ? pattern.IndexOf('}', _at) : -1;
        if (end < 0)
        {
            throw Error("a \\p without {…}");
        }

        var name = pattern[(_at + 1)..end];
        if (name.StartsWith('^'))
        {
            (isNegated, name) = (!isNegated, name[1..]);
        }

        var set = GeneralCategory.Find(name) ?? throw Error($"the property '{name}', which is not supported");
        _at = end + 1;
        return isNegated ? set.Inverted() : set;
    }

    private int TakeCharacterEscape()
    {
        _at++;
        switch (pattern[_at])
        {
            case 'x' when _at + 1 < pattern.Length && pattern[_at + 1] == '{':
                var end = pattern.IndexOf('}', _at);
                return TakeHexadecimal(_at + 2, end, end + 1);
            case 'x':
                return TakeHexadecimal(_at + 1, _at + 3, _at + 3);
            case 'u':
                return TakeHexadecimal(_at + 1, _at + 5, _at + 5);
            case >= '0' and <= '9':
                throw Error("a back reference or octal escape");
        }

        var c = TakeCodePoint();
        return c switch
        {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\f',
            'v' => '\v',
            'a' => '\a',
            'e' => '\e',
            _ => c,
        };
    }

    private int TakeHexadecimal(int start, int end, int next)
    {
        if (end < start || end > pattern.Length
            || !int.TryParse(pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, null, out var value)
            || value is < 0 or > 0x10FFFF)
        {
            throw Error("a hexadecimal escape that is no code point");
        }

        _at = next;
        return value;
    }

    private int TakeCodePoint()
    {
        var codePoint = CodePoints.At(pattern, _at, out var units);
        _at += units;
        return codePoint;
    }

    private readonly CodePointSet Literal(int codePoint)
    {
        if (!_ignoresCase || !CodePoints.IsLetter(codePoint))
        {
            return CodePointSet.Single(codePoint);
        }

        return codePoint < 0x80
            ? CodePointSet.IgnoringCase((char)codePoint)
            : throw Error("a letter outside of ASCII whose case is to be ignored");
    }
}
