using Rebound.Agents.Evaluation;

namespace Rebound.Agents.Tests.Evaluation;

public sealed class IntervalTests
{
    /// <summary>Expected by the formula in exact arithmetic, z = 1.959963984540054.</summary>
    [Theory]
    [InlineData(0, 10, 0, 0.2775327998628892)]
    [InlineData(10, 10, 0.7224672001371107, 1)]
    [InlineData(1, 1, 0.2065493143772375, 1)]
    [InlineData(5, 10, 0.236593090512564, 0.763406909487436)]
    [InlineData(97, 1319, 0.06065855587685756, 0.08889939568376911)]
    public void A_proportion_has_Wilsons_interval(int successes, int trials, double low, double high)
    {
        var interval = WilsonInterval.Of(successes, trials);

        Assert.Equal(low, interval.Low, 1e-9);
        Assert.Equal(high, interval.High, 1e-9);
    }

    [Fact]
    public void A_proportion_of_nothing_has_none()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(3, 2));
        Assert.Throws<ArgumentException>(() => BootstrapInterval.OfMean([]));
    }

    /// <summary>The resampled mean of n values is near normal with the values' standard deviation over √n.</summary>
    [Fact]
    public void A_mean_has_an_interval_of_two_standard_errors_to_each_side()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(value => value % 10 / 9.0)];
        var mean = values.Average();
        var error = Math.Sqrt(values.Average(value => Math.Pow(value - mean, 2)) / values.Length);

        var interval = BootstrapInterval.OfMean(values);

        // A quantile of 10,000 resamples is itself uncertain by 2.7 % of a standard error, times four.
        Assert.Equal(mean - (1.96 * error), interval.Low, 0.11 * error);
        Assert.Equal(mean + (1.96 * error), interval.High, 0.11 * error);
        Assert.Equal(interval, BootstrapInterval.OfMean(values));
    }

    [Fact]
    public void A_mean_of_equal_values_has_no_width() =>
        Assert.Equal(new Interval(0.5, 0.5), BootstrapInterval.OfMean([0.5, 0.5, 0.5]));

    [Fact]
    public void A_gap_is_the_mean_of_paired_differences()
    {
        var (one, two) = (Scores("positive", true, true, false, true), Scores("negative", true, false, false, false));

        var (mean, interval) = ConditionGap.Between(one, two).Differences["accuracy"];

        Assert.Equal(0.5, mean);
        Assert.InRange(interval.Low, 0, 0.5);
        Assert.InRange(interval.High, 0.5, 1);
    }

    private static ConditionScores Scores(string condition, params bool[] right) =>
        new(condition, [Metric.OfSuccesses("accuracy", right)], new Dictionary<string, int>(), 0, 0);
}
