using System.Globalization;
using System.Text;

namespace Rebound.Study.Reporting;

/// <summary>Lines over linear axes, as an SVG image that takes its colours from the page.</summary>
internal sealed class LineChart(string title, string xLabel, string yLabel, IReadOnlyList<ChartSeries> series)
{
    private const double Width = 640;
    private const double Height = 340;
    private const double Left = 56;
    private const double Right = 16;
    private const double Top = 16;
    private const double Bottom = 48;

    private readonly ChartAxis _x = ChartAxis.To(series.SelectMany(line => line.Points.Select(point => point.X)).Max());
    private readonly ChartAxis _y = ChartAxis.To(series.SelectMany(line =>
        line.Points.Select(point => point.Y).Concat(line.Band.Select(band => band.High)).Concat(line.Dots.Select(dot => dot.Y))).Max());

    public string ToSvg()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Markup.Escape(title)}</figcaption>");
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Markup.Escape(title)}\">");
        AddAxes(svg);
        foreach (var line in series)
        {
            AddSeries(svg, line);
        }

        svg.Append("</svg>");
        AddLegend(svg);
        return svg.Append("</figure>").ToString();
    }

    private void AddAxes(StringBuilder svg)
    {
        foreach (var y in _y.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y)}\" y2=\"{Y(y)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick end\" x=\"{Left - 8}\" y=\"{Y(y)}\" dy=\"4\">{Tick(y)}</text>");
        }

        foreach (var x in _x.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick middle\" x=\"{X(x)}\" y=\"{Height - Bottom + 18}\">{Tick(x)}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"label middle\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\">{Markup.Escape(xLabel)}</text>");
        var middle = (Top + Height - Bottom) / 2;
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"label middle\" x=\"14\" y=\"{middle}\" transform=\"rotate(-90 14 {middle})\">{Markup.Escape(yLabel)}</text>");
    }

    private void AddSeries(StringBuilder svg, ChartSeries line)
    {
        if (line.Band.Count > 0)
        {
            var outline = line.Band.Select(band => At(band.X, band.High)).Concat(line.Band.Reverse().Select(band => At(band.X, band.Low)));
            svg.Append(CultureInfo.InvariantCulture, $"<polygon class=\"band {line.Style}\" points=\"{string.Join(' ', outline)}\"/>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line {line.Style}\" points=\"{string.Join(' ', line.Points.Select(point => At(point.X, point.Y)))}\"/>");
        foreach (var (x, y) in line.Dots)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot {line.Style}\" cx=\"{X(x)}\" cy=\"{Y(y)}\" r=\"4\"/>");
        }
    }

    private void AddLegend(StringBuilder svg)
    {
        svg.Append("<div class=\"legend\">");
        foreach (var line in series.Where(line => line.Name is not null))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<span><i class=\"{line.Style}\"></i>{Markup.Escape(line.Name!)}</span>");
        }

        svg.Append("</div>");
    }

    private string At(double x, double y) => $"{X(x)},{Y(y)}";

    private string X(double value) => Markup.Number(Left + ((Width - Left - Right) * value / _x.End));

    private string Y(double value) => Markup.Number(Height - Bottom - ((Height - Top - Bottom) * value / _y.End));

    private static string Tick(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
