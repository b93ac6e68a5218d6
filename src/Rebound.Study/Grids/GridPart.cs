using System.Globalization;

namespace Rebound.Study.Grids;

/// <summary>A part of a study's trainings, for one of several machines.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Of">Parts in all.</param>
public readonly record struct GridPart(int Number, int Of)
{
    public static GridPart Whole { get; } = new(1, 1);

    /// <summary>Reads <c>I/N</c>; null where it is none.</summary>
    public static GridPart? Parse(string text) =>
        text.Split('/') is [var number, var of]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
            && int.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && i >= 1 && i <= n
            ? new GridPart(i, n)
            : null;

    /// <summary>Every Nth one, so that all parts have as many of every seed.</summary>
    public IEnumerable<T> Take<T>(IReadOnlyList<T> all)
    {
        var (first, step) = (Number - 1, Of);
        return all.Where((_, index) => index % step == first);
    }
}
