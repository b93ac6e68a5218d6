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
}
