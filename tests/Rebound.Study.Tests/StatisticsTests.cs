using Rebound.Study.Statistics;

namespace Rebound.Study.Tests;

/// <summary>Estimators beside what they estimate, by going through every case.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(5, 2)]
    [InlineData(6, 0)]
    [InlineData(6, 6)]
    [InlineData(7, 3)]
    public void Pass_at_k_is_the_share_of_all_choices_with_a_right_try(int tries, int right)
    {
        for (var k = 1; k <= tries; k++)
        {
            var choices = Choices(tries, k).ToArray();
            var passed = choices.Count(choice => choice.Any(item => item < right));

            Assert.Equal((double)passed / choices.Length, PassAtK.Of(tries, right, k), 12);
        }
    }

    [Fact]
    public void Pass_at_k_holds_where_binomials_overflow()
    {
        Assert.Equal(0.5, PassAtK.Of(2000, 1, 1000), 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Of(3, 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Of(3, 4, 1));
    }

    [Fact]
    public void The_area_is_the_share_of_pairs_in_the_right_order_with_ties_as_halves()
    {
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            RankedTry[] tries = [new(1, random.Next(5)), new(0, random.Next(5)),
                .. Enumerable.Range(0, random.Next(12)).Select(_ => new RankedTry(random.Next(2), random.Next(5)))];
            var pairs = (from one in tries where one.Right > 0 from other in tries where other.Right == 0 select (one, other)).ToArray();
            var expected = pairs.Average(pair => pair.one.Score > pair.other.Score ? 1 : pair.one.Score == pair.other.Score ? 0.5 : 0);

            Assert.Equal(expected, RankedTries.AreaUnderCurve(tries)!.Value, 12);
        }
    }

    /// <summary>scikit-learn's documented example of roc_auc_score.</summary>
    [Fact]
    public void The_area_is_that_of_a_published_example()
    {
        Assert.Equal(0.75, RankedTries.AreaUnderCurve([new(0, 0.1), new(0, 0.4), new(1, 0.35), new(1, 0.8)]));
        Assert.Null(RankedTries.AreaUnderCurve([new(1, 0.1), new(1, 0.2)]));
    }

    [Fact]
    public void The_area_over_all_questions_is_that_of_their_tries_together()
    {
        var random = new Random(3);
        RankedTry[][] questions = [.. Enumerable.Range(0, 9).Select(_ =>
            (RankedTry[])[.. Enumerable.Range(0, 4).Select(_ => new RankedTry(random.Next(2), random.Next(6)))])];

        var area = new PooledArea(questions);

        Assert.Equal(RankedTries.AreaUnderCurve([.. questions.SelectMany(tries => tries)])!.Value, area.Value!.Value, 12);
        var interval = PooledArea.IntervalOf([area, area]);
        Assert.InRange(area.Value.Value, interval.Low, interval.High);
        Assert.InRange(interval.High - interval.Low, 0.1, 0.9);
        Assert.Throws<ArgumentException>(() => PooledArea.IntervalOf([new PooledArea([[new RankedTry(1, 2)]])]));
    }

    [Fact]
    public void Verdicts_that_are_always_right_leave_nothing_open()
    {
        var area = new PooledArea([[new(1, 3), new(0, 1)], [new(1, 4), new(0, 2)], [new(0, 0), new(1, 5)]]);

        var interval = PooledArea.IntervalOf([area]);

        Assert.Equal((1.0, 1.0), (interval.Low, interval.High));
    }

    [Fact]
    public void The_best_of_k_is_the_mean_over_all_choices_of_the_try_with_the_highest_score()
    {
        var random = new Random(11);
        for (var round = 0; round < 30; round++)
        {
            RankedTry[] tries = [.. Enumerable.Range(0, 6).Select(_ => new RankedTry(random.Next(2), random.Next(4)))];
            for (var k = 1; k <= tries.Length; k++)
            {
                var expected = Choices(tries.Length, k).Average(choice =>
                {
                    var best = choice.Max(item => tries[item].Score);
                    return choice.Where(item => tries[item].Score == best).Average(item => tries[item].Right);
                });

                Assert.Equal(expected, RankedTries.BestOf(k, tries), 12);
            }
        }
    }

    [Fact]
    public void Questions_are_solved_by_a_majority_of_runs_and_alone_where_no_other_method_does()
    {
        var solved = SolvedQuestions.Of(
        [
            [[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]],
            [[0, 1, 0, 1], [0, 1, 1, 0]],
            [[0, 0, 0, 0]],
        ]);

        Assert.Equal([[0, 1, 3], [1], []], solved.Select(method => (int[])[.. method.Solved.Order()]));
        Assert.Equal([[0, 3], [], []], solved.Select(method => (int[])[.. method.Alone.Order()]));
        Assert.Equal(1.0 / 3, solved[0].Overlap(solved[1]), 12);
        Assert.Equal(1, solved[2].Overlap(solved[2]));
    }

    private static IEnumerable<int[]> Choices(int items, int k) => Enumerable.Range(0, 1 << items)
        .Select(bits => Enumerable.Range(0, items).Where(item => (bits >> item & 1) != 0).ToArray())
        .Where(choice => choice.Length == k);
}
