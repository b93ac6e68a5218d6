using System.Globalization;
using System.Text;

namespace Rebound.Study.Reporting;

/// <summary>
/// Lines over linear axes, each with its name at its end: SVG images for wide and narrow pages, which take their colours from the page.
/// </summary>
/// <param name="leastStep">The least step between ticks of x: 1 for what is counted.</param>
internal sealed class LineChart(
    string title, string xLabel, string yLabel, IReadOnlyList<ChartSeries> series, double leastStep = 0)
{
    private readonly ChartAxis _x = ChartAxis.To(series.SelectMany(line => line.Points.Select(point => point.X)).Max(), leastStep);

    /// <summary>The vertical axis; from zero unless it is another one.</summary>
    public ChartAxis Y { get; init; } = ChartAxis.To(series.SelectMany(line =>
        line.Points.Select(point => point.Y).Concat(line.Band.Select(band => band.High)).Concat(line.Dots.Select(dot => dot.Y))).Max());

    /// <summary>The sizes at which it is drawn, of which the page shows one.</summary>
    public IReadOnlyList<ChartSize> Sizes { get; init; } = ChartSize.All;

    public string ToHtml()
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{HtmlText.Escape(title)}</figcaption>");
        foreach (var size in Sizes)
        {
            html.Append(new LineDrawing(size, _x, Y).ToSvg(title, xLabel, yLabel, series));
        }

        return html.Append("</figure>").ToString();
    }
}
