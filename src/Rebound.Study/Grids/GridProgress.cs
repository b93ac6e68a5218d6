namespace Rebound.Study.Grids;

/// <summary>How far a study is.</summary>
/// <param name="Done">Trainings that are done with all their examinations.</param>
/// <param name="Left">Trainings of this part that are left to do.</param>
/// <param name="Failed">Of these, what failed, a sentence each.</param>
public sealed record GridProgress(int Done, int All, int Left, IReadOnlyList<string> Failed);
