namespace Rebound.Study.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Written at its end; null for a line that needs none.</param>
/// <param name="Style">The CSS class that colours it.</param>
internal sealed record ChartSeries(string? Name, string Style, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>The interval around the line at each x; empty for none.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Band { get; init; } = [];

    /// <summary>Single measurements around the line.</summary>
    public IReadOnlyList<(double X, double Y)> Dots { get; init; } = [];
}
