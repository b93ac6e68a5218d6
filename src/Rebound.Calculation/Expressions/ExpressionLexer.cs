using System.Globalization;
using System.Numerics;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>Takes an expression apart into numbers, names and operators, by Python's rules.</summary>
internal sealed class ExpressionLexer(string text)
{
    /// <summary>Longer operators first, so that <c>**</c> is not read as two.</summary>
    private static readonly string[] Operators =
    [
        "**", "//", "<=", ">=", "==", "!=", "!!", "+", "-", "*", "/", "%", "^", "(", ")", "[", "]", ",", "<", ">", "!", "=",
    ];

    private int _position;

    public List<Token> Read()
    {
        var tokens = new List<Token>();
        while (SkipBlanks())
        {
            tokens.Add(Next());
        }

        tokens.Add(new Token(TokenKind.End, "the end", text.Length));
        return tokens;
    }

    private char Here => _position < text.Length ? text[_position] : '\0';

    private char Ahead => _position + 1 < text.Length ? text[_position + 1] : '\0';

    /// <summary>Whether anything but blanks and a comment follows.</summary>
    private bool SkipBlanks()
    {
        while (Here is ' ' or '\t' or '\f')
        {
            _position++;
        }

        return _position < text.Length && Here != '#';
    }

    private Token Next()
    {
        var start = _position;
        if (char.IsAsciiDigit(Here) || (Here == '.' && char.IsAsciiDigit(Ahead)))
        {
            return Number(start);
        }

        if (char.IsLetter(Here) || Here == '_')
        {
            while (char.IsLetterOrDigit(Here) && Here is not ('²' or '³') || Here == '_')
            {
                _position++;
            }

            return new Token(TokenKind.Name, text[start.._position], start);
        }

        if (Here is '"' or '\'')
        {
            var end = text.IndexOf(Here, start + 1);
            _position = end < 0 ? throw new CalculationException("a quotation mark is not closed.") : end + 1;
            return new Token(TokenKind.Text, text[(start + 1)..end], start);
        }

        foreach (var symbol in Operators)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                _position += symbol.Length;
                return new Token(TokenKind.Operator, symbol, start);
            }
        }

        throw new CalculationException($"'{Here}' is not understood; write numbers, names, + - * / ** % ( ) and functions.");
    }

    private Token Number(int start)
    {
        if (Here == '0' && char.ToLowerInvariant(Ahead) is 'x' or 'b' or 'o')
        {
            return OtherBase(start);
        }

        var digits = Digits();
        var isFloat = false;
        if (Here == '.')
        {
            _position++;
            isFloat = true;
            digits += '.' + Digits();
        }

        var exponent = 0;
        if (Here is 'e' or 'E')
        {
            isFloat = true;
            exponent = Exponent();
        }

        Expression value = isFloat ? Float(digits, exponent) : Integer(digits);
        if (Here is 'j' or 'J')
        {
            _position++;
            value = Product.Of(value, Constant.I);
        }

        return End(start, value);
    }

    private Token OtherBase(int start)
    {
        var @base = char.ToLowerInvariant(Ahead) switch
        {
            'x' => 16,
            'o' => 8,
            _ => 2,
        };
        _position += 2;
        var value = BigInteger.Zero;
        var first = _position;
        while (char.IsAsciiHexDigit(Here) && Convert.ToInt32($"{Here}", 16) is var digit && digit < @base)
        {
            value = (value * @base) + digit;
            _position++;
        }

        return _position > first ? End(start, new Exact(value)) : throw Malformed(start);
    }

    private Token End(int start, Expression value) => char.IsLetterOrDigit(Here) || Here is '_' or '.'
        ? throw Malformed(start)
        : new Token(TokenKind.Number, text[start.._position], start, value);

    /// <summary>Digits, with single underscores between them left out.</summary>
    private string Digits()
    {
        var start = _position;
        while (char.IsAsciiDigit(Here) || (Here == '_' && _position > start && char.IsAsciiDigit(Ahead)))
        {
            _position++;
        }

        return text[start.._position].Replace("_", "");
    }

    private int Exponent()
    {
        var start = _position++;
        var sign = Here == '-' ? -1 : 1;
        if (Here is '+' or '-')
        {
            _position++;
        }

        var digits = Digits();
        return digits.Length == 0 ? throw Malformed(start)
            : digits.Length > 6 ? throw new CalculationException("the exponent of a number is too large.")
            : sign * int.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static Exact Integer(string digits) => digits.Length > 1 && digits[0] == '0' && digits.Trim('0').Length > 0
        ? throw new CalculationException($"'{digits}' begins with a zero.")
        : new Exact(BigInteger.Parse(digits, CultureInfo.InvariantCulture));

    private static Approximate Float(string digits, int exponent)
    {
        var point = digits.IndexOf('.') is var found and >= 0 ? found : digits.Length;
        var all = digits.Replace(".", "");
        var scale = exponent - (all.Length - point);
        var mantissa = new Rational(BigInteger.Parse("0" + all, CultureInfo.InvariantCulture), 1);
        var significant = Math.Max(15, all.TrimStart('0').Length);
        return new Approximate(BigFloat.Of(mantissa * new Rational(10, 1).Power(scale), BigFloat.BitsFor(significant)));
    }

    private static CalculationException Malformed(int start) => new($"the number at character {start + 1} is malformed.");
}
