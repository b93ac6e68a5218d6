using Rebound.Study.Teaching;

namespace Rebound.Study.Comparison;

/// <summary>Counts of the teacher's attempts.</summary>
/// <param name="Causes">Failures by their typed cause.</param>
/// <param name="Mistakes">Mistakes by their kind; a failure can have several, and a success lucky ones.</param>
public sealed record TeacherRecord(
    int Positives, int Negatives, IReadOnlyDictionary<string, int> Causes, IReadOnlyDictionary<Mistake, int> Mistakes);
