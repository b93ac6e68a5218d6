namespace Rebound.Study.Reporting;

/// <summary>What a chart is drawn for; its text is as large in each. One pixel of the page is about one of its units.</summary>
/// <param name="Style">The CSS class that shows it where the page is as wide.</param>
internal sealed record ChartSize(string Style, double Width, double Height)
{
    public static readonly ChartSize[] All = [new("wide", 860, 400), new("narrow", 340, 320)];
}
