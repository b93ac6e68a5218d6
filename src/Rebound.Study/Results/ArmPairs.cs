namespace Rebound.Study.Results;

/// <summary>Which kinds of runs are set beside each other.</summary>
internal static class ArmPairs
{
    /// <summary>Kinds of runs without numbers are all set beside each other, if they are not more.</summary>
    private const int MostUnnumbered = 12;

    /// <summary>
    /// With the same model and successes: methods with the same number of failures, each later one less an earlier one, and every one less
    /// training without failures.
    /// </summary>
    public static IReadOnlyList<(Arm Arm, Arm Other)> Of(IReadOnlyList<Arm> arms)
    {
        var numbered = arms.Where(arm => arm.Failures is not null).ToArray();
        var others = arms.Except(numbered).ToArray();
        return
        [
            .. from setting in numbered.GroupBy(arm => (arm.Model, arm.Successes))
               from arm in setting
               from other in setting.TakeWhile(earlier => earlier != arm).Concat(setting.SkipWhile(later => later != arm).Skip(1)
                   .Where(later => later.Failures == 0 && arm.Failures > 0))
               where other.Failures == arm.Failures || other.Failures == 0
               select (arm, other),
            .. others.SelectMany((arm, place) => others.Take(others.Length > MostUnnumbered ? Math.Min(place, 1) : place)
                .Select(other => (arm, other))),
        ];
    }
}
