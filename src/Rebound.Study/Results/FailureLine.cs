namespace Rebound.Study.Results;

/// <summary>
/// A method's scores against the number of failures that it learned from. Without any failure all methods are the same training, so
/// every line begins with the score of that.
/// </summary>
/// <param name="Scores">By the number of failures, from 0 where that was tried; a method that learns from none has that alone.</param>
/// <param name="Steps">From each number of failures to the next one, where seeds are shared.</param>
public sealed record FailureLine(string Method, IReadOnlyList<ArmScore> Scores, IReadOnlyList<ArmGap> Steps)
{
    /// <summary>The lines of every method for each model and number of successes.</summary>
    public static IReadOnlyList<IGrouping<(string Model, int? Successes), FailureLine>> Of(ScoreTable table) =>
    [
        .. table.Scores.Where(score => score.Arm.Failures is not null).GroupBy(score => (score.Arm.Model, score.Arm.Successes))
            .SelectMany(setting => Lines(table, [.. setting]).Select(line => (setting.Key, Line: line)))
            .GroupBy(line => line.Key, line => line.Line),
    ];

    private static IEnumerable<FailureLine> Lines(ScoreTable table, ArmScore[] scores)
    {
        var start = scores.FirstOrDefault(score => score.Arm.Failures == 0);
        foreach (var method in scores.GroupBy(score => score.Arm.Method))
        {
            ArmScore[] own = [.. method.OrderBy(score => score.Arm.Failures)];
            ArmScore[] line = start is not null && own[0].Arm.Failures > 0 ? [start, .. own] : own;
            yield return new FailureLine(
                method.Key, line,
                [.. line.Zip(line.Skip(1), (fewer, more) => table.Between(more.Arm, fewer.Arm)).OfType<ArmGap>()]);
        }
    }
}
