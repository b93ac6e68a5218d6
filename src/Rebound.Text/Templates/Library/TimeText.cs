using System.Globalization;
using System.Text;

namespace Rebound.Text.Templates.Library;

/// <summary>Python's <c>strftime</c> in the C locale. A directive it does not know is written as it stands.</summary>
internal static class TimeText
{
    public static string Format(string format, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var position = 0; position < format.Length; position++)
        {
            if (format[position] != '%' || position + 1 == format.Length)
            {
                text.Append(format[position]);
                continue;
            }

            var isUnpadded = format[position + 1] == '-' && position + 2 < format.Length;
            position += isUnpadded ? 2 : 1;
            var value = Directive(format[position], time);
            text.Append(value is null
                ? format.AsSpan(position - (isUnpadded ? 2 : 1), isUnpadded ? 3 : 2)
                : isUnpadded ? TrimPadding(value) : value);
        }

        return text.ToString();
    }

    private static string TrimPadding(string value)
    {
        var trimmed = value.TrimStart('0', ' ');
        return trimmed.Length == 0 ? "0" : trimmed;
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
