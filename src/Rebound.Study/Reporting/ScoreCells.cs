using Rebound.Agents.Evaluation;

namespace Rebound.Study.Reporting;

/// <summary>The cells of a table that say how high a number is, and how surely.</summary>
internal static class ScoreCells
{
    /// <summary>Mean, interval and single seeds.</summary>
    public static string Of(double mean, Interval interval, IReadOnlyList<double> seeds, Func<double, string> format) =>
        $"<td>{format(mean)}</td><td>{Span(interval, format)}</td><td>{Joined(seeds, format)}</td>";

    /// <summary>The content of one cell: a mean with its interval under it.</summary>
    public static string WithInterval(double mean, Interval interval, Func<double, string> format) =>
        $"{format(mean)} <small>{Span(interval, format)}</small>";

    /// <summary>The ends of an interval.</summary>
    public static string Span(Interval interval, Func<double, string> format) => $"{format(interval.Low)} to {format(interval.High)}";

    public static string Joined(IEnumerable<double> values, Func<double, string> format) =>
        string.Join(' ', values.Select(value => $"<span>{format(value)}</span>"));
}
