namespace Rebound.Trajectories.Selection;

/// <summary>The part of a row that is learned.</summary>
internal static class LearnedTrajectory
{
    /// <summary>
    /// The trajectory with the outcome that its file gives it, if it has none of its own, and without the failed steps that
    /// are not to be learned; null if something of it was to be learned, and nothing is.
    /// </summary>
    public static Trajectory? Of(SelectedRow row, NegativeLoss policy)
    {
        var trajectory = row.Trajectory;
        if (trajectory.Outcome.Reward is null && row.Outcome != Outcome.Unscored)
        {
            trajectory = trajectory with { Outcome = trajectory.Outcome with { Reward = row.Outcome == Outcome.Positive ? 1 : 0 } };
        }

        if (row.Outcome != Outcome.Negative)
        {
            return trajectory;
        }

        var turns = FailedSteps.TakeOut(trajectory.Turns, policy);
        return trajectory.Turns.Any(turn => turn.Loss) && !turns.Any(turn => turn.Loss) ? null : trajectory with { Turns = turns };
    }
}
