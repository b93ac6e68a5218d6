namespace Rebound.Trajectories.Browsing;

/// <summary>A row of an indexed file: where it is, and what tables and filters ask of it. Its turns stay in the file.</summary>
/// <param name="Start">The row's first byte in the file.</param>
/// <param name="Bytes">Of the row.</param>
/// <param name="Row">Counted from 1.</param>
/// <param name="Id">As <see cref="Trajectory.Id"/>; empty for a bad row.</param>
/// <param name="Outcome">One of the names of <see cref="Trajectories.Outcome"/>, or <see cref="Bad"/>.</param>
public sealed record TrajectoryEntry(long Start, int Bytes, int Row, string Id, string Outcome)
{
    /// <summary>In the place of an outcome: the row is no trajectory.</summary>
    public const string Bad = "bad";

    /// <summary>Null for a success, or where none is told.</summary>
    public string? Cause { get; init; }

    /// <summary>Null where none is told.</summary>
    public string? Task { get; init; }

    public double? Reward { get; init; }

    public int Turns { get; init; }

    /// <summary>Characters of all turns.</summary>
    public int Length { get; init; }

    /// <summary>The same for the same question (<see cref="Trajectory.QuestionKey"/>).</summary>
    public ulong Question { get; init; }

    /// <summary>The sentence that says why a bad row is none; null for a good one.</summary>
    public string? Problem { get; init; }
}
