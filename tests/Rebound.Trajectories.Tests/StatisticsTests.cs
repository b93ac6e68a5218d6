using Rebound.Trajectories.Statistics;

namespace Rebound.Trajectories.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void Percentiles_are_the_least_value_that_so_many_do_not_exceed()
    {
        var values = new Distribution();
        Assert.Equal((0, 0.0, 0L), (values.Percentile(0.5), values.Mean, values.Sum));
        foreach (var value in new[] { 5, 1, 4, 2, 3, 10, 9, 8, 7, 6 })
        {
            values.Add(value);
        }

        Assert.Equal([1, 1, 5, 9, 10, 10], new[] { 0, 0.1, 0.5, 0.9, 0.91, 1 }.Select(values.Percentile));
        Assert.Equal((5.5, 55L), (values.Mean, values.Sum));
        values.Add(100);
        Assert.Equal(100, values.Percentile(1));
    }

    [Fact]
    public void Trajectories_are_counted_by_outcome_source_and_cause()
    {
        var tokenizer = RenderingCase.Find("bytes").Tokenizer;
        var statistics = new TrajectoryStatistics(tokenizer);
        Trajectory Of(string id, double? reward, string? source, string? cause, params Turn[] turns) =>
            new(id, turns, new Outcome(reward, null, Cause: cause), source, 1);
        statistics.Add(Of("a", null, null, null, new Turn(Roles.User, "12345", false), new Turn(Roles.Assistant, "123", true)));
        statistics.Add(Of("b", 0, "0.5", "timeout", new Turn(Roles.Assistant, "Action: search[x]", true)));
        statistics.Add(Of("b", 1, "0.5", null, new Turn(Roles.Assistant, "Action: finish[x]", true)));
        statistics.Add(Of("b", 0, "0.2", "step limit"));

        Assert.Equal(
            [("positive", 1), ("negative", 2), ("unscored", 1)],
            statistics.Outcomes.Select(outcome => (outcome.Name, outcome.Group.Trajectories)));
        Assert.Equal([("0.2", 1), ("0.5", 2)], statistics.Sources.Select(source => (source.Name, source.Group.Trajectories)));
        Assert.Equal([("step limit", 1), ("timeout", 1)], statistics.Causes.Select(cause => (cause.Name, cause.Group.Trajectories)));
        Assert.Equal(
            (4, 2, 1, 1), (statistics.All.Trajectories, statistics.All.Questions, statistics.All.Unfinished, statistics.All.Empty));
        var unscored = statistics.Outcomes.Last().Group;
        Assert.Equal((8L, 3L, 1L), (unscored.Tokens.Sum, unscored.LearnedTokens.Sum, unscored.LearnedTurns.Sum));
    }
}
