using System.Text;

namespace Rebound.Study.Reporting;

/// <summary>A page that stands alone: one file without external requests, for wide and narrow screens.</summary>
internal static class HtmlPage
{
    /// <param name="sections">HTML, each in lines of its own; empty ones are left out.</param>
    /// <param name="footer">HTML.</param>
    public static string Of(string title, IEnumerable<string> sections, string footer)
    {
        var html = new StringBuilder();
        html.Append(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                + "initial-scale=1\">");
        html.Append($"<title>{HtmlText.Escape(title)}</title><style>").Append(ReportStyle.Css).Append("</style></head><body><main>\n");
        foreach (var section in sections.Where(section => section.Length > 0))
        {
            html.Append(section).Append('\n');
        }

        return html.Append($"<footer>{footer}</footer></main></body></html>\n").ToString();
    }
}
