using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>The accuracy under one condition of the NAT students that learned from all failures.</summary>
public sealed record ConditionAccuracy(string Condition, IReadOnlyList<double> Seeds)
{
    public double Mean => Seeds.Average();

    /// <summary>Every condition, the one that they are asked with first.</summary>
    public static IReadOnlyList<ConditionAccuracy> Of(StudyResults results)
    {
        return
        [
            .. results.Runs.Where(run => run.Run.Arm == results.ArmOf(TrainingMethod.Nat))
                .SelectMany(run => run.Exams)
                .GroupBy(exam => exam.Condition, StringComparer.Ordinal)
                .Select(exams => new ConditionAccuracy(exams.Key, [.. exams.Select(exam => exam.Metrics[0].Mean)])),
        ];
    }
}
