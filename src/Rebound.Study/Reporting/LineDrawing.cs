using System.Globalization;
using System.Text;

namespace Rebound.Study.Reporting;

/// <summary>The lines of a chart at one size.</summary>
internal sealed class LineDrawing(ChartSize size, ChartAxis x, ChartAxis y)
{
    private const double Top = 12;
    private const double Bottom = 46;

    /// <summary>Between the middles of two names, so that none covers another.</summary>
    private const double NameHeight = 15;

    /// <summary>The most that a digit takes of the width.</summary>
    private const double DigitWidth = 7.2;

    /// <summary>Where the axis' name ends, which stands upright.</summary>
    private const double NameEnd = 20;

    /// <summary>Between ticks' numbers and the lines.</summary>
    private const double Gap = 8;

    private double Left { get; } = Math.Max(size.Left, NameEnd + Gap + (DigitWidth * y.Ticks.Max(tick => y.Label(tick).Length)));

    private double Right => size.Right;

    public string ToSvg(string title, string xLabel, string yLabel, IReadOnlyList<ChartSeries> series)
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"{size.Style}\" viewBox=\"0 0 {size.Width} {size.Height}\" role=\"img\" "
                + $"aria-label=\"{HtmlText.Escape(title)}\">");
        AddAxes(svg, xLabel, yLabel);
        foreach (var line in series)
        {
            AddLine(svg, line);
        }

        AddNames(svg, series);
        return svg.Append("</svg>").ToString();
    }

    private void AddAxes(StringBuilder svg, string xLabel, string yLabel)
    {
        foreach (var tick in y.Ticks)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{HtmlText.Number(Left)}\" x2=\"{size.Width - Right}\" y1=\"{Y(tick)}\" y2=\"{Y(tick)}\"/>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"end\" x=\"{HtmlText.Number(Left - Gap)}\" y=\"{Y(tick)}\" dy=\"4\">{y.Label(tick)}</text>");
        }

        foreach (var tick in x.Ticks)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"middle\" x=\"{X(tick)}\" y=\"{size.Height - Bottom + 18}\">{x.Label(tick)}</text>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"middle\" x=\"{HtmlText.Number((Left + size.Width - Right) / 2)}\" y=\"{size.Height - 8}\">"
                + $"{HtmlText.Escape(xLabel)}</text>");
        var middle = (Top + size.Height - Bottom) / 2;
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"middle\" x=\"14\" y=\"{middle}\" transform=\"rotate(-90 14 {middle})\">{HtmlText.Escape(yLabel)}</text>");
    }

    private void AddLine(StringBuilder svg, ChartSeries line)
    {
        if (line.Band.Count > 0)
        {
            var outline = line.Band.Select(band => At(band.X, band.High)).Concat(line.Band.Reverse().Select(band => At(band.X, band.Low)));
            svg.Append(CultureInfo.InvariantCulture, $"<polygon class=\"band {line.Style}\" points=\"{string.Join(' ', outline)}\"/>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<polyline class=\"line {line.Style}\" points=\"{string.Join(' ', line.Points.Select(point => At(point.X, point.Y)))}\"/>");
        foreach (var dot in line.Dots)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot {line.Style}\" cx=\"{X(dot.X)}\" cy=\"{Y(dot.Y)}\" r=\"4\"/>");
        }
    }

    /// <summary>Names at the ends of their lines, moved apart where lines end close together.</summary>
    private void AddNames(StringBuilder svg, IReadOnlyList<ChartSeries> series)
    {
        var named = series.Where(line => line.Name is not null).OrderByDescending(line => line.Points[^1].Y).ToArray();
        var middles = named.Select(line => YAt(line.Points[^1].Y)).ToArray();
        for (var i = 1; i < middles.Length; i++)
        {
            middles[i] = Math.Max(middles[i], middles[i - 1] + NameHeight);
        }

        var lowest = size.Height - Bottom - 4;
        for (var i = middles.Length - 1; i >= 0; i--, lowest -= NameHeight)
        {
            middles[i] = Math.Min(middles[i], lowest);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"name {named[i].Style}\" x=\"{HtmlText.Number(XAt(named[i].Points[^1].X) + 9)}\" "
                    + $"y=\"{HtmlText.Number(middles[i])}\" dy=\"4\">{HtmlText.Escape(named[i].Name!)}</text>");
        }
    }

    private string At(double atX, double atY) => $"{X(atX)},{Y(atY)}";

    private string X(double value) => HtmlText.Number(XAt(value));

    private string Y(double value) => HtmlText.Number(YAt(value));

    private double XAt(double value) => Left + ((size.Width - Left - Right) * x.Share(value));

    private double YAt(double value) => size.Height - Bottom - ((size.Height - Top - Bottom) * y.Share(value));
}
