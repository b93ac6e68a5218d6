using System.Globalization;
using System.Text;

namespace Rebound.Jinja.Library;

/// <summary>Python's <c>strftime</c> in the C locale. A directive it does not know is written as it stands.</summary>
internal static class TimeText
{
    private const int LongestWidth = 1000;
    private const string Flags = "_-0^#";

    /// <summary>Directives that give numbers, which are padded with zeros where nothing else is said.</summary>
    private const string Numeric = "CdegGHIjklmMsSuUVwWyY";

    public static string Format(string format, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var position = 0; position < format.Length;)
        {
            var length = format[position] == '%' ? AppendDirective(text, format.AsSpan(position), time) : 0;
            text.Append(format.AsSpan(position, length == 0 ? 1 : 0));
            position += Math.Max(1, length);
        }

        return text.ToString();
    }

    /// <summary>
    /// Appends what a directive gives, by the rules of glibc: <c>%</c>, flags, a width, <c>E</c> or <c>O</c>, and its letter.
    /// Gives its length; 0 for what is no directive.
    /// </summary>
    private static int AppendDirective(StringBuilder text, ReadOnlySpan<char> directive, DateTimeOffset time)
    {
        var end = 1;
        var (padding, changesCase, isUpper) = ('\0', false, false);
        for (; end < directive.Length && Flags.Contains(directive[end]); end++)
        {
            switch (directive[end])
            {
                case '^':
                    isUpper = true;
                    break;
                case '#':
                    changesCase = true;
                    break;
                case var flag:
                    padding = flag;
                    break;
            }
        }

        var width = 0;
        for (; end < directive.Length && char.IsAsciiDigit(directive[end]) && width < LongestWidth; end++)
        {
            width = (width * 10) + (directive[end] - '0');
        }

        var isPlain = end == 1;
        end += end < directive.Length && directive[end] is 'E' or 'O' ? 1 : 0;
        if (end == directive.Length || (!isPlain && directive[end] == 'f') || Directive(directive[end], time) is not { } value)
        {
            return 0;
        }

        var letter = directive[end];
        value = Numeric.Contains(letter) ? Padded(value, padding, width)
            : padding == '-' ? value
            : value.PadLeft(width, padding == '0' ? '0' : ' ');
        text.Append(changesCase && letter is 'p' or 'Z' ? value.ToLowerInvariant()
            : isUpper || (changesCase && "aAbBh".Contains(letter)) ? value.ToUpperInvariant()
            : value);
        return end + 1;
    }

    /// <summary>A number with the padding that a flag asks for.</summary>
    private static string Padded(string number, char flag, int width)
    {
        var bare = number.TrimStart('0', ' ');
        bare = bare.Length == 0 ? "0" : bare;
        return flag switch
        {
            '-' => bare,
            '_' => bare.PadLeft(Math.Max(number.Length, width)),
            '0' => bare.PadLeft(Math.Max(number.Length, width), '0'),
            _ => number.PadLeft(width, number[0] == ' ' ? ' ' : '0'),
        };
    }

    private static string? Directive(char letter, DateTimeOffset time) => letter switch
    {
        'a' => Net(time, "ddd"),
        'A' => Net(time, "dddd"),
        'b' or 'h' => Net(time, "MMM"),
        'B' => Net(time, "MMMM"),
        'c' => $"{Net(time, "ddd MMM")} {time.Day,2} {Net(time, "HH:mm:ss yyyy")}",
        'C' => (time.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'd' => Net(time, "dd"),
        'D' or 'x' => Net(time, "MM/dd/yy"),
        'e' => $"{time.Day,2}",
        'f' => Net(time, "ffffff"),
        'F' => Net(time, "yyyy-MM-dd"),
        'g' => (ISOWeek.GetYear(time.DateTime) % 100).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(time.DateTime).ToString(CultureInfo.InvariantCulture),
        'H' => Net(time, "HH"),
        'I' => Net(time, "hh"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'k' => $"{time.Hour,2}",
        'l' => $"{(time.Hour + 11) % 12 + 1,2}",
        'm' => Net(time, "MM"),
        'M' => Net(time, "mm"),
        'n' => "\n",
        'p' => Net(time, "tt"),
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Net(time, "hh:mm:ss tt"),
        'R' => Net(time, "HH:mm"),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Net(time, "ss"),
        't' => "\t",
        'T' or 'X' => Net(time, "HH:mm:ss"),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'U' => Week(time, (int)time.DayOfWeek),
        'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("00", CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'W' => Week(time, ((int)time.DayOfWeek + 6) % 7),
        'y' => Net(time, "yy"),
        'Y' => time.Year.ToString(CultureInfo.InvariantCulture),
        'z' or 'Z' => "",
        '%' => "%",
        _ => null,
    };

    /// <summary>The week of the year, counted from the first day that a week begins with.</summary>
    private static string Week(DateTimeOffset time, int daysIntoWeek) =>
        ((time.DayOfYear + 6 - daysIntoWeek) / 7).ToString("00", CultureInfo.InvariantCulture);

    private static string Net(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
