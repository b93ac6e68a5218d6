namespace Rebound.Trajectories.Browsing;

/// <summary>All that is known of a file at one time.</summary>
/// <param name="Entries">Its rows so far, in order.</param>
/// <param name="BytesRead">Of the file, up to where it is indexed.</param>
/// <param name="Bytes">Of the whole file, as it was last looked at.</param>
/// <param name="IsReading">Whether more rows are to come of what is there already.</param>
/// <param name="Problem">Why it cannot be read, or read on; null where it can.</param>
public sealed record FileIndex(
    IReadOnlyList<TrajectoryEntry> Entries, long BytesRead, long Bytes, bool IsReading, string? Problem)
{
    /// <summary>Before the first look.</summary>
    public static FileIndex Empty { get; } = new([], 0, 0, IsReading: true, Problem: null);

    /// <summary>Whether any row is a trajectory; bad rows of a file without one say only that it is another kind of file.</summary>
    public bool HoldsTrajectories { get; init; }
}
