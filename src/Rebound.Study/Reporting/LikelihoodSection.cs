using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>The effect of the condition on the likelihood of recorded trajectories, which no draw of an answer blurs.</summary>
internal static class LikelihoodSection
{
    private static readonly string[] Metrics = [DerivedScores.Gap, DerivedScores.FailureGap, DerivedScores.Contrast];

    public static string Of(IReadOnlyList<MeasuredRun> runs, ArmText arms)
    {
        var measured = DerivedScores.OfLikelihoods(runs);
        if (measured.Count == 0)
        {
            return "";
        }

        ScoreTable[] tables = [.. Metrics.Select(metric => new ScoreTable(measured, [DerivedScores.Likelihoods], metric))];
        var table = new HtmlTable([.. arms.Heads, "gap of successes", "gap of failures", "difference", "difference, each seed"]);
        foreach (var arm in tables[0].Scores.Select(score => score.Arm))
        {
            ArmScore[] scores = [.. tables.Select(found => found.Of(arm)!)];
            table.Add([.. arms.Cells(arm), .. scores.Select(Cell), ScoreCells.Joined(scores[^1].Seeds, Nats)]);
        }

        return "<h2>The condition</h2><p>How much likelier the words of a success make the agent's turns than those of a failure do, in "
            + $"nats over a whole trajectory: for {HtmlText.Count(measured[0].Likelihoods.Count)} questions that no training had, a "
            + "success and a failure each. A model that heeds the condition has a gap above zero for successes and below for failures. "
            + "Models that learned without conditions are asked with them too, to compare.</p>" + table.ToHtml();
    }

    private static string Cell(ArmScore score) => ScoreCells.WithInterval(score.Mean, score.Interval, Nats);

    private static string Nats(double value) => value.ToString("+0.00;−0.00;0.00", System.Globalization.CultureInfo.InvariantCulture);
}
