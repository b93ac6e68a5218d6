namespace Rebound.Study.Reporting;

/// <summary>A size at which a chart is drawn. Text is equally large in each; one pixel of the page is about one unit.</summary>
/// <param name="Style">The CSS class that shows it where the page is as wide.</param>
internal sealed record ChartSize(string Style, double Width, double Height)
{
    public static readonly ChartSize[] All = [new("wide", 860, 400), new("narrow", 340, 320)];
}
