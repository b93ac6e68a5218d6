namespace Rebound.Trajectories.Browsing;

/// <summary>By what rows are sorted.</summary>
public enum TrajectoryOrder
{
    /// <summary>File by file, as they stand there.</summary>
    File,

    Id,
    Outcome,
    Cause,
    Task,
    Reward,
    Turns,
    Length,
}
