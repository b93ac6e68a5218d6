namespace Rebound.Study.Reporting;

/// <summary>A size at which a chart is drawn. Text is equally large in each; one pixel of the page is about one unit.</summary>
/// <param name="Style">The CSS class that shows it where the page is as wide.</param>
internal sealed record ChartSize(string Style, double Width, double Height)
{
    public static readonly ChartSize[] All = [new("wide", 860, 400), new("narrow", 340, 320)];

    /// <summary>One of several beside each other, whose lines have their names elsewhere.</summary>
    public static readonly ChartSize[] Small =
        [new("wide", 520, 290) { Left = 68, Right = 16 }, new("narrow", 340, 250) { Left = 68, Right = 16 }];

    /// <summary>Room for the vertical axis.</summary>
    public double Left { get; init; } = 52;

    /// <summary>Room for the names of lines.</summary>
    public double Right { get; init; } = 64;
}
