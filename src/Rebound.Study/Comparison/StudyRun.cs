using Rebound.Study.Results;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>One student of a comparison: its training data and its seed.</summary>
/// <param name="Negatives">Failures that it learns from; 0 for vanilla.</param>
/// <param name="Seed">Of its first weights, the order of its documents, and the sample of failures.</param>
public sealed record StudyRun(TrainingMethod Method, int Negatives, int Seed)
{
    /// <summary>The methods that are compared.</summary>
    public static IReadOnlyList<TrainingMethod> Methods { get; } = [TrainingMethod.Vanilla, TrainingMethod.Nut, TrainingMethod.Nat];

    /// <summary>As its folder is called.</summary>
    public string Name => Method == TrainingMethod.Vanilla ? $"vanilla-seed{Seed}" : $"{MethodName}-{Negatives}-seed{Seed}";

    public string MethodName => Method.Name();

    public Arm Arm => ArmOf(Method, Negatives);

    public static Arm ArmOf(TrainingMethod method, int negatives) => new(method.Name()) { Failures = negatives };

    /// <summary>Every method at every number of failures, with every seed; vanilla, which learns from none, once for each seed.</summary>
    public static IReadOnlyList<StudyRun> Plan(IReadOnlyList<int> negatives, int seeds) =>
    [
        .. from seed in Enumerable.Range(1, seeds)
           from method in Methods
           from count in method == TrainingMethod.Vanilla ? [0] : negatives
           select new StudyRun(method, count, seed),
    ];
}
