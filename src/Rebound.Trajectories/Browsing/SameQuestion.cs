namespace Rebound.Trajectories.Browsing;

/// <summary>Trajectories on one question, beside each other.</summary>
public static class SameQuestion
{
    /// <summary>All other tries at a question, those of the opposite outcome first.</summary>
    public static IReadOnlyList<FoundTrajectory> Of(IReadOnlyList<IndexedFile> files, FoundTrajectory found) =>
    [
        .. files.Where(file => file.Index.HoldsTrajectories)
            .SelectMany(file => file.Index.Entries, (file, other) => new FoundTrajectory(file, other))
            .Where(other => other.Entry.Question == found.Entry.Question && other.Entry.Problem is null && other != found)
            .OrderBy(other => IsOpposite(found.Entry.Outcome, other.Entry.Outcome) ? 0 : 1),
    ];

    /// <summary>The first turn in which two trajectories differ, counted from 0; null where they say the same.</summary>
    public static int? FirstDifference(Trajectory one, Trajectory other)
    {
        var common = one.Turns.Zip(other.Turns).TakeWhile(turns => SaysTheSame(turns.First, turns.Second)).Count();
        return common == one.Turns.Count && common == other.Turns.Count ? null : common;
    }

    private static bool IsOpposite(string one, string other) =>
        (one, other) is (Outcome.Positive, Outcome.Negative) or (Outcome.Negative, Outcome.Positive);

    private static bool SaysTheSame(Turn one, Turn other) =>
        one.Role == other.Role && one.Content == other.Content
        && Calls(one).SequenceEqual(Calls(other));

    /// <summary>Ids of calls differ where nothing else does.</summary>
    private static IEnumerable<(string Name, string Arguments)> Calls(Turn turn) =>
        turn.ToolCalls.Select(call => (call.Name, call.Arguments));
}
