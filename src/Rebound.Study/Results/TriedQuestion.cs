using Rebound.Study.Statistics;

namespace Rebound.Study.Results;

/// <summary>Several tries at a question at one temperature.</summary>
/// <param name="Right">[tries] 1 where the answer was right.</param>
/// <param name="Scores">
/// [tries] the model's own verdict, log p under the positive condition minus that under the negative one; null where it was not asked.
/// </param>
public sealed record TriedQuestion(string Question, float Temperature, IReadOnlyList<double> Right, IReadOnlyList<double>? Scores)
{
    /// <summary>The tries with the verdicts; empty where there are none.</summary>
    public IReadOnlyList<RankedTry> Ranked() =>
        Scores is null ? [] : [.. Right.Zip(Scores, (right, score) => new RankedTry(right, score))];
}
