using System.Globalization;
using System.Text;

namespace Rebound.Jinja.Syntax;

/// <summary>The escapes of Python's string literals; an unknown one stays as it is written, backslash included.</summary>
internal static class TextLiteral
{
    public static string Unescape(ReadOnlySpan<char> literal, int line)
    {
        if (!literal.Contains('\\'))
        {
            return literal.ToString();
        }

        var text = new StringBuilder(literal.Length);
        var position = 0;
        while (position < literal.Length)
        {
            if (literal[position] != '\\')
            {
                text.Append(literal[position++]);
                continue;
            }

            position += AppendEscape(text, literal[position..], line);
        }

        return text.ToString();
    }

    /// <summary>Appends what an escape stands for; gives its length.</summary>
    private static int AppendEscape(StringBuilder text, ReadOnlySpan<char> escape, int line)
    {
        switch (escape[1])
        {
            case '\n':
                return 2;
            case 'x':
                return AppendCode(text, escape, digits: 2, line);
            case 'u':
                return AppendCode(text, escape, digits: 4, line);
            case 'U':
                return AppendCode(text, escape, digits: 8, line);
            case >= '0' and <= '7':
                return AppendOctal(text, escape);
            case 'N':
                throw new ChatTemplateException(
                    ChatTemplateFault.Syntax, @"characters by name (\N{...}) are not supported; write \uXXXX", line);
        }

        const string letters = "\\'\"abfnrtv";
        const string meanings = "\\'\"\a\b\f\n\r\t\v";
        var index = letters.IndexOf(escape[1], StringComparison.Ordinal);
        _ = index >= 0 ? text.Append(meanings[index]) : text.Append('\\').Append(escape[1]);
        return 2;
    }

    private static int AppendCode(StringBuilder text, ReadOnlySpan<char> escape, int digits, int line)
    {
        if (escape.Length < 2 + digits
            || !uint.TryParse(escape.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code > 0x10ffff)
        {
            throw new ChatTemplateException(
                ChatTemplateFault.Syntax, $@"the escape \{escape[1]} of a string needs {digits} hexadecimal digits", line);
        }

        _ = code < 0x10000 ? text.Append((char)code) : text.Append(char.ConvertFromUtf32((int)code));
        return 2 + digits;
    }

    private static int AppendOctal(StringBuilder text, ReadOnlySpan<char> escape)
    {
        var length = 1;
        var code = 0;
        while (length < escape.Length && length <= 3 && escape[length] is >= '0' and <= '7')
        {
            code = (code * 8) + (escape[length++] - '0');
        }

        text.Append((char)code);
        return length;
    }
}
