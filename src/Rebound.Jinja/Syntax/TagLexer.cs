using System.Globalization;
using System.Numerics;
using Rebound.Jinja.Library;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Syntax;

/// <summary>Cuts the inside of a tag into names, literals and operators.</summary>
internal sealed class TagLexer(string source, List<Token> tokens)
{
    private static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
        ":", "|", ",", ";",
    ];

    private readonly Stack<char> _open = new();
    private int _position;
    private int _line;

    /// <summary>
    /// Reads tokens until the closing bracket (<c>%}</c> or <c>}}</c>); gives the place after it, the sign before it and
    /// the line it is on.
    /// </summary>
    public (int Next, char Sign, int Line) Read(int position, int line, char closing)
    {
        _position = position;
        _line = line;
        _open.Clear();
        while (_position < source.Length)
        {
            if (_open.Count == 0 && IsClosing(closing, out var sign))
            {
                return (_position + (sign == ' ' ? 2 : 3), sign, _line);
            }

            ReadToken();
        }

        throw Syntax($"unexpected end of template, the tag is never closed by '{closing}}}'");
    }

    private bool IsClosing(char closing, out char sign)
    {
        var here = source[_position];
        sign = here == '-' || (here == '+' && closing == '%') ? here : ' ';
        var bracket = _position + (sign == ' ' ? 0 : 1);
        return bracket + 1 < source.Length && source[bracket] == closing && source[bracket + 1] == '}';
    }

    private void ReadToken()
    {
        var start = _position;
        var first = source[start];
        if (PythonString.IsSpace(first))
        {
            _line += first == '\n' ? 1 : 0;
            _position++;
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber();
        }
        else if (first == '_' || char.IsLetter(first))
        {
            while (_position < source.Length && IsNamePart(source[_position]))
            {
                _position++;
            }

            Add(TokenKind.Name, source[start.._position]);
        }
        else if (first is '\'' or '"')
        {
            ReadText(first);
        }
        else
        {
            ReadOperator();
        }
    }

    private void ReadText(char quote)
    {
        var end = _position + 1;
        while (end < source.Length && source[end] != quote)
        {
            end += source[end] == '\\' ? 2 : 1;
        }

        if (end >= source.Length)
        {
            throw Syntax("a string is never closed");
        }

        var content = source.AsSpan(_position + 1, end - _position - 1);
        Add(TokenKind.Text, TextLiteral.Unescape(content, _line));
        _line += content.Count('\n');
        _position = end + 1;
    }

    private void ReadNumber()
    {
        var start = _position;
        if (TryReadRadix())
        {
            return;
        }

        SkipDigits();
        var isReal = false;
        if (start == 0 || source[start - 1] != '.')
        {
            isReal = TrySkipFraction() | TrySkipExponent();
        }

        var digits = source[start.._position].Replace("_", "", StringComparison.Ordinal);
        if (isReal)
        {
            Add(TokenKind.Number, digits, double.Parse(digits, CultureInfo.InvariantCulture));
            return;
        }

        if (digits.Length > 1 && digits[0] == '0' && digits.AsSpan().ContainsAnyExcept('0'))
        {
            throw Syntax($"the integer {digits} starts with a zero");
        }

        if (digits.Length > TextNumbers.MostDigits)
        {
            throw Syntax($"an integer has {digits.Length} digits, more than the limit of {TextNumbers.MostDigits}");
        }

        Add(TokenKind.Number, digits, Boxed.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture)));
    }

    private bool TryReadRadix()
    {
        var start = _position;
        var radix = start + 1 < source.Length && source[start] == '0' ? char.ToLowerInvariant(source[start + 1]) : ' ';
        var width = radix switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
        if (width == 0)
        {
            return false;
        }

        BigInteger value = 0;
        _position += 2;
        while (_position < source.Length && (char.IsAsciiHexDigit(source[_position]) || source[_position] == '_'))
        {
            var digit = source[_position] == '_' ? 0 : Convert.ToInt32(source[_position].ToString(), 16);
            if (digit >= width)
            {
                break;
            }

            value = source[_position] == '_' ? value : (value * width) + digit;
            _position++;
        }

        Add(TokenKind.Number, source[start.._position], Boxed.Of(value));
        return true;
    }

    private void SkipDigits()
    {
        while (_position < source.Length && (char.IsAsciiDigit(source[_position])
            || (source[_position] == '_' && _position + 1 < source.Length && char.IsAsciiDigit(source[_position + 1]))))
        {
            _position++;
        }
    }

    private bool TrySkipFraction()
    {
        if (_position + 1 >= source.Length || source[_position] != '.' || !char.IsAsciiDigit(source[_position + 1]))
        {
            return false;
        }

        _position++;
        SkipDigits();
        return true;
    }

    private bool TrySkipExponent()
    {
        var digits = _position + 1;
        if (digits < source.Length && source[digits] is '+' or '-')
        {
            digits++;
        }

        if (digits >= source.Length || source[_position] is not ('e' or 'E') || !char.IsAsciiDigit(source[digits]))
        {
            return false;
        }

        _position = digits;
        SkipDigits();
        return true;
    }

    private void ReadOperator()
    {
        var symbol = Array.Find(Operators, candidate =>
            string.CompareOrdinal(source, _position, candidate, 0, candidate.Length) == 0);
        if (symbol is null)
        {
            throw Syntax($"unexpected char '{source[_position]}'");
        }

        if (symbol is "(" or "[" or "{")
        {
            _open.Push(symbol switch { "(" => ')', "[" => ']', _ => '}' });
        }
        else if (symbol is ")" or "]" or "}" && (!_open.TryPop(out var expected) || expected != symbol[0]))
        {
            throw Syntax(expected == default ? $"unexpected '{symbol}'" : $"unexpected '{symbol}', expected '{expected}'");
        }

        _position += symbol.Length;
        Add(TokenKind.Operator, symbol);
    }

    private void Add(TokenKind kind, string text, object? value = null) => tokens.Add(new Token(kind, text, _line, value));

    private static bool IsNamePart(char unit) => unit == '_' || char.IsLetterOrDigit(unit)
        || char.GetUnicodeCategory(unit) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private ChatTemplateException Syntax(string description) => new(ChatTemplateFault.Syntax, description, _line);
}
