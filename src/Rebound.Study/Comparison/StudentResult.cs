using Rebound.Agents.Evaluation;
using Rebound.Study.Results;

namespace Rebound.Study.Comparison;

/// <summary>The result of one student.</summary>
/// <param name="Losses">[steps] of training, in nats per supervised token.</param>
/// <param name="Exams">The one under the condition that it is asked with first; for NAT the other conditions after it.</param>
public sealed record StudentResult(StudyRun Run, IReadOnlyList<double> Losses, IReadOnlyList<ConditionScores> Exams)
{
    /// <summary>[questions] 1 where the answer was right.</summary>
    public IReadOnlyList<double> Right => Exams[0].Metrics[0].Values;

    public double Accuracy => Exams[0].Metrics[0].Mean;

    /// <summary>The run as reports compare it.</summary>
    public MeasuredRun Measured => new(Run.Arm, Run.Name, Run.Seed)
    {
        Tasks =
        [
            new TaskScores(
                StudyResults.Exercise,
                [.. Right.Select((_, question) => $"{question}")],
                new Dictionary<string, IReadOnlyList<double>> { [TaskScores.Accuracy] = Right }),
        ],
        Losses = Losses,
    };
}
