using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Syntax;

/// <summary>
/// Cuts a template into data and tags, with the whitespace rules that chat templates are written for: a block tag takes
/// the white space before it on its line (lstrip_blocks) and the line break after it (trim_blocks), <c>-</c> takes all
/// white space on its side, <c>+</c> keeps it.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly TagLexer _tagLexer;
    private int _position;
    private int _line = 1;

    /// <summary>Whether the last tag ended a line, so that white space after it starts one.</summary>
    private bool _atLineStart = true;

    private Lexer(string source)
    {
        _source = source;
        _tagLexer = new TagLexer(source, _tokens);
    }

    public static List<Token> Tokenize(string source)
    {
        var normalized = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(normalized.EndsWith('\n') ? normalized[..^1] : normalized);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (FindTag() is var start && start >= 0)
        {
            var contentStart = start + 2;
            var sign = contentStart < _source.Length && _source[contentStart] is '-' or '+' ? _source[contentStart] : ' ';
            var kind = _source[start + 1];
            AddDataBefore(start, sign, isVariable: kind == '{');
            _position = contentStart + (sign == ' ' ? 0 : 1);
            if (kind == '#')
            {
                SkipComment();
            }
            else if (kind == '%' && TryMatchTag("raw", _position, out var rawStart, allowPlus: false))
            {
                ReadRaw(rawStart);
            }
            else
            {
                ReadTag(kind == '{');
            }
        }

        AddData(_source[_position..]);
        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int FindTag()
    {
        for (var start = _position; ; start++)
        {
            start = _source.IndexOf('{', start);
            if (start < 0 || start + 1 >= _source.Length)
            {
                return -1;
            }

            if (_source[start + 1] is '{' or '%' or '#')
            {
                return start;
            }
        }
    }

    private void AddDataBefore(int tagStart, char sign, bool isVariable)
    {
        var text = _source[_position..tagStart];
        var kept = text;
        if (sign == '-')
        {
            kept = TrimEnd(text);
        }
        else if (sign != '+' && !isVariable)
        {
            var lineStart = text.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _atLineStart) && IsSpace(text.AsSpan(lineStart)))
            {
                kept = text[..lineStart];
            }
        }

        AddData(kept);
        _line += text.AsSpan(kept.Length).Count('\n');
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Data, text, _line));
            _line += text.AsSpan().Count('\n');
        }
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new ChatTemplateException(ChatTemplateFault.Syntax, "Missing end of comment tag", _line);
        }

        var sign = end > _position ? _source[end - 1] : ' ';
        var next = EndOfTag(end + 2, sign);
        Advance(next);
    }

    private void ReadRaw(int start)
    {
        Advance(start);
        for (var end = start; ; end++)
        {
            end = _source.IndexOf("{%", end, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new ChatTemplateException(ChatTemplateFault.Syntax, "Missing end of raw directive", _line);
            }

            var sign = end + 2 < _source.Length && _source[end + 2] is '-' or '+' ? _source[end + 2] : ' ';
            if (TryMatchTag("endraw", end + (sign == ' ' ? 2 : 3), out var next, allowPlus: true))
            {
                AddDataBefore(end, sign, isVariable: false);
                _position = end;
                Advance(next);
                return;
            }
        }
    }

    /// <summary>Matches the rest of a tag that holds one word; gives where what follows it starts.</summary>
    private bool TryMatchTag(string word, int position, out int next, bool allowPlus)
    {
        next = SkipSpace(position);
        if (string.CompareOrdinal(_source, next, word, 0, word.Length) != 0)
        {
            return false;
        }

        next = SkipSpace(next + word.Length);
        var sign = next < _source.Length && (_source[next] == '-' || (allowPlus && _source[next] == '+')) ? _source[next] : ' ';
        next += sign == ' ' ? 0 : 1;
        if (string.CompareOrdinal(_source, next, "%}", 0, 2) != 0)
        {
            return false;
        }

        next = allowPlus || sign == '-' ? EndOfTag(next + 2, sign) : next + 2;
        return true;
    }

    private void ReadTag(bool isVariable)
    {
        _tokens.Add(new Token(isVariable ? TokenKind.VariableBegin : TokenKind.BlockBegin, isVariable ? "{{" : "{%", _line));
        var (end, sign, line) = _tagLexer.Read(_position, _line, isVariable ? '}' : '%');
        _tokens.Add(new Token(isVariable ? TokenKind.VariableEnd : TokenKind.BlockEnd, isVariable ? "}}" : "%}", line));
        _line = line;
        _position = end;
        Advance(isVariable && sign != '-' ? end : EndOfTag(end, sign));
    }

    /// <summary>Where the text after a tag starts, given the sign before the tag's closing brackets.</summary>
    private int EndOfTag(int position, char sign) => sign switch
    {
        '-' => SkipSpace(position),
        '+' => position,
        _ => position < _source.Length && _source[position] == '\n' ? position + 1 : position,
    };

    private void Advance(int next)
    {
        _line += _source.AsSpan(_position, next - _position).Count('\n');
        _position = next;
        _atLineStart = next > 0 && _source[next - 1] == '\n';
    }

    private int SkipSpace(int position)
    {
        while (position < _source.Length && PythonString.IsSpace(_source[position]))
        {
            position++;
        }

        return position;
    }

    private static string TrimEnd(string text)
    {
        var length = text.Length;
        while (length > 0 && PythonString.IsSpace(text[length - 1]))
        {
            length--;
        }

        return text[..length];
    }

    private static bool IsSpace(ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
        {
            if (!PythonString.IsSpace(unit))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }
}
