using System.Globalization;
using System.Text.RegularExpressions;
using Rebound.Study.Reporting;

namespace Rebound.Study.Tests;

public sealed class ChartAxisTests
{
    [Theory]
    [InlineData(0, 1, 0.5)]
    [InlineData(0.7, 0.8, 0.2)]
    [InlineData(3.1, 4, 1)]
    [InlineData(66.8, 80, 20)]
    [InlineData(100, 100, 20)]
    [InlineData(1000, 1000, 200)]
    [InlineData(1100, 1200, 200)]
    public void An_axis_reaches_its_value_in_a_few_round_steps(double value, double end, double step)
    {
        var axis = ChartAxis.To(value);

        Assert.Equal((end, step), (Math.Round(axis.End, 9), Math.Round(axis.Step, 9)));
        Assert.Equal((end / step) + 1, axis.Ticks.Count());
    }

    /// <summary>The names of axes stand upright, up to x = 20, and a digit is about 7 wide.</summary>
    [Theory]
    [InlineData(3, "3")]
    [InlineData(400_000, "400,000")]
    [InlineData(1e-7, "1e-7")]
    public void Numbers_beside_an_axis_leave_room_for_its_name(double highest, string label)
    {
        var chart = new LineChart("Speed", "step", "tokens a second", [new ChartSeries(null, "nat", [(0, 0), (1, highest)])]) { Sizes = ChartSize.Small };

        var labels = Regex.Matches(
            chart.ToHtml(), "<text class=\"end\" x=\"([0-9.]+)\"[^>]*>([^<]+)<", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.Contains(labels, found => found.Groups[2].Value == label);
        Assert.All(labels, found => Assert.InRange(
            double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) - (7 * found.Groups[2].Length), 20, 500));
    }
}
