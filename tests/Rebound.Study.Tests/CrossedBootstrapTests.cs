using Rebound.Study.Comparison;

namespace Rebound.Study.Tests;

public sealed class CrossedBootstrapTests
{
    [Fact]
    public void Values_that_are_all_alike_leave_nothing_open()
    {
        var interval = CrossedBootstrap.OfMean([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]);

        Assert.Equal((0.5, 0.5), (interval.Low, interval.High));
    }

    [Fact]
    public void With_one_seed_it_is_as_wide_as_the_normal_interval_of_the_questions()
    {
        var values = Enumerable.Range(0, 400).Select(index => index % 4 == 0 ? 1.0 : 0).ToArray();

        var interval = CrossedBootstrap.OfMean([values]);

        var half = 1.96 * Math.Sqrt(0.25 * 0.75 / 400);
        Assert.InRange(interval.Low, 0.25 - (1.15 * half), 0.25 - (0.85 * half));
        Assert.InRange(interval.High, 0.25 + (0.85 * half), 0.25 + (1.15 * half));
    }

    [Fact]
    public void Seeds_that_differ_widen_it_beyond_what_questions_leave_open()
    {
        double[] bad = [.. Enumerable.Repeat(0.0, 200)], good = [.. Enumerable.Repeat(1.0, 200)];

        var interval = CrossedBootstrap.OfMean([bad, good, good]);

        Assert.Equal((0.0, 1.0), (interval.Low, interval.High));
    }

    [Fact]
    public void Seeds_with_other_numbers_of_questions_are_refused()
    {
        Assert.Throws<ArgumentException>(() => CrossedBootstrap.OfMean([[1, 0], [1]]));
        Assert.Throws<ArgumentException>(() => CrossedBootstrap.OfMean([]));
    }
}
