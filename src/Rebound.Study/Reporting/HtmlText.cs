using System.Globalization;
using System.Net;

namespace Rebound.Study.Reporting;

/// <summary>Pieces of HTML and SVG text.</summary>
internal static class HtmlText
{
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate or a length, the same in every culture.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    public static string SignedPercent(double share) => (100 * share).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
