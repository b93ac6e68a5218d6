using Rebound.Agents.Evaluation;

namespace Rebound.Study.Results;

/// <summary>The score of a kind of run over all its seeds.</summary>
/// <param name="Seeds">The score with every seed.</param>
/// <param name="Interval">Of the mean, over seeds and questions.</param>
public sealed record ArmScore(Arm Arm, IReadOnlyList<double> Seeds, Interval Interval)
{
    public double Mean => Seeds.Average();
}

/// <summary>The difference of two kinds of run on the same questions with the same seeds.</summary>
/// <param name="Seeds">The difference of the scores with every seed.</param>
/// <param name="Interval">Of the mean difference, over seeds and questions.</param>
public sealed record ArmGap(Arm Arm, Arm Other, IReadOnlyList<double> Seeds, Interval Interval)
{
    public double Mean => Seeds.Average();

    /// <summary>Whether the interval is wholly on one side of zero.</summary>
    public bool IsClear => Interval.Low > 0 || Interval.High < 0;
}
