namespace Rebound.Study.Comparison;

/// <summary>The progress of one student.</summary>
/// <param name="Share">From 0 to 1, training and exams together.</param>
/// <param name="Loss">Of the last step; null while it is examined.</param>
/// <param name="Accuracy">Under the condition it is asked with, once that exam is over.</param>
public sealed record StudentProgress(StudyRun Run, double Share, double? Loss, double? Accuracy);
