using System.Globalization;
using System.Text;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Ebnf;

/// <summary>Texts, classes of characters, and escapes.</summary>
internal sealed partial class EbnfReader
{
    private EbnfPart.Text Literal()
    {
        var (offset, text) = (_at++, new StringBuilder());
        while (!Takes("\""))
        {
            text.Append(new Rune(Character(offset, "text")).ToString());
        }

        return new EbnfPart.Text(text.ToString());
    }

    private EbnfPart.Set Class()
    {
        var offset = _at++;
        var (negated, ranges) = (Takes("^"), new List<(int First, int Last)>());
        while (!Takes("]"))
        {
            var start = _at;
            if (TryNamedSet() is { } named)
            {
                ranges.AddRange(named.Ranges);
                continue;
            }

            var first = Character(offset, "class");
            var last = first;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                last = Character(offset, "class");
            }

            ranges.Add(first <= last
                ? (first, last)
                : throw _source.Wrong(start, $"the range {_text[start.._at]} does not ascend; write its first character first."));
        }

        var set = CodePointRanges.Of(ranges);
        set = negated ? set.Inverted() : set;
        return set.Ranges.Count > 0
            ? new EbnfPart.Set(set)
            : throw _source.Wrong(offset, "this class has no character, so that nothing matches it; leave out what it stands in.");
    }

    /// <summary>A set that a class may name.</summary>
    private CodePointRanges? TryNamedSet()
    {
        CodePointRanges? named = _at + 1 < _text.Length && _text[_at] == '\\'
            ? _text[_at + 1] switch
            {
                'd' => CodePointRanges.Digits,
                'D' => CodePointRanges.Digits.Inverted(),
                'w' => CodePointRanges.Word,
                'W' => CodePointRanges.Word.Inverted(),
                's' => CodePointRanges.WhiteSpace,
                'S' => CodePointRanges.WhiteSpace.Inverted(),
                _ => null,
            }
            : null;
        _at += named is null ? 0 : 2;
        return named;
    }

    /// <summary>A code point, as it stands or escaped.</summary>
    private int Character(int opening, string kind)
    {
        if (IsAtEnd)
        {
            throw _source.Wrong(opening, $"this {kind} lacks its end, {(_text[opening] == '"' ? "a double quote" : "']'")}.");
        }

        var offset = _at;
        if (_text[_at] != '\\')
        {
            _ = Rune.DecodeFromUtf16(_text.AsSpan(_at), out var rune, out var length) == System.Buffers.OperationStatus.Done
                ? _at += length
                : throw Wrong("here is half a surrogate pair; characters are whole.");
            return rune.Value;
        }

        if (++_at == _text.Length)
        {
            throw _source.Wrong(offset, "an escape lacks its character.");
        }

        var escaped = _text[_at++];
        return escaped switch
        {
            'x' => Hexadecimal(offset, 2),
            'u' => Hexadecimal(offset, 4),
            'U' => Hexadecimal(offset, 8),
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            'e' => '\e',
            '0' => '\0',
            _ when char.IsAsciiLetterOrDigit(escaped) || !char.IsAscii(escaped) || char.IsControl(escaped) => throw _source.Wrong(
                offset, $"the escape {(char.IsControl(escaped) ? "of a control character" : $"\\{escaped}")} is unknown; there are "
                    + "\\n, \\r, \\t, \\xHH, \\uHHHH, \\UHHHHHHHH and punctuation"
                    + (kind is "class" ? ", and \\d, \\w, \\s with their capitals." : ".")),
            _ => escaped,
        };
    }

    private int Hexadecimal(int offset, int digits)
    {
        if (_at + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || !Rune.IsValid(value))
        {
            throw _source.Wrong(offset, $"this escape needs {digits} hexadecimal digits of a character (no half of a surrogate pair).");
        }

        _at += digits;
        return value;
    }
}
