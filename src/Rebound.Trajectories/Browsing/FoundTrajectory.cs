namespace Rebound.Trajectories.Browsing;

/// <summary>A row that was found.</summary>
public readonly record struct FoundTrajectory(IndexedFile File, TrajectoryEntry Entry);
