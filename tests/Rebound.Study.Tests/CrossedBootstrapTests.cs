using Rebound.Study.Statistics;

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

    /// <summary>
    /// Two seeds, two tasks of two questions: every resample has the same chance, so the distribution is known whole.
    /// </summary>
    [Fact]
    public void Differences_have_the_quantiles_of_all_resamples()
    {
        double[][][] runs = [[[1, 0], [1, 0]], [[1, 1], [0, 0]], [[0, 0], [1, 0]], [[0, 1], [0, 1]]];
        (int Run, int Other)[] pairs = [(0, 2), (1, 3)];
        var all = new List<double>();
        foreach (var bits in Enumerable.Range(0, 64))
        {
            int Bit(int place) => bits >> place & 1;
            var drawn = new[] { pairs[Bit(0)], pairs[Bit(1)] };
            all.Add(drawn.Average(pair => Mean(pair.Run) - Mean(pair.Other)));

            double Mean(int run) => (runs[run][0][Bit(2)] + runs[run][0][Bit(3)] + runs[run][1][Bit(4)] + runs[run][1][Bit(5)]) / 4;
        }

        var interval = new CrossedBootstrap(runs).OfDifference(pairs);

        AssertQuantile(0.025, interval.Low);
        AssertQuantile(0.975, interval.High);

        void AssertQuantile(double share, double value)
        {
            // Four standard errors of the share that 4,000 draws find.
            var slack = 4 * Math.Sqrt(share * (1 - share) / 4000);
            Assert.True(all.Count(item => item < value) <= (share + slack) * all.Count, $"{value} is too high for {share}");
            Assert.True(all.Count(item => item <= value) >= (share - slack) * all.Count, $"{value} is too low for {share}");
        }
    }

    [Fact]
    public void Runs_with_the_same_answers_differ_in_nothing()
    {
        double[] right = [1, 0, 0, 1, 0];

        var interval = new CrossedBootstrap([[right], [right]]).OfDifference([(0, 1)]);

        Assert.Equal((0.0, 0.0), (interval.Low, interval.High));
    }
}
