using Rebound.Study.Statistics;

namespace Rebound.Study.Results;

/// <summary>How well models' own verdicts tell their right tries from wrong ones, as the area under the ROC curve.</summary>
internal static class VerdictArea
{
    /// <summary>Of every kind of run with verdicts; runs without right or without wrong tries are left out.</summary>
    public static IReadOnlyList<ArmScore> Of(IReadOnlyList<MeasuredRun> runs, string task)
    {
        var areas = from run in runs
                    let tries = run.Tasks.FirstOrDefault(scores => scores.Task == task && scores.Tries.Count > 0)?.Tries
                    where tries is not null && tries.All(tried => tried.Scores is not null)
                    select (run.Arm, Area: new PooledArea([.. tries.Select(tried => tried.Ranked())]));
        return
        [
            .. areas.Where(area => area.Area.Value is not null).GroupBy(area => area.Arm, area => area.Area).Select(arm => new ArmScore(
                arm.Key, [.. arm.Select(area => area.Value!.Value)], PooledArea.IntervalOf([.. arm]))),
        ];
    }
}
