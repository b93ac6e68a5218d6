using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>Scoring against a list of right answers: the one with the best score counts.</summary>
/// <param name="inner">Compares with one answer.</param>
public sealed class AcceptedAnswers(IScorer inner) : IScorer
{
    public IReadOnlyCollection<string> Metrics => inner.Metrics;

    public Score Score(JsonNode? groundTruth, string prediction) => groundTruth is JsonArray { Count: > 0 } accepted
        ? accepted.Select(answer => inner.Score(answer, prediction)).MaxBy(score => (score.Reward, score.F1 ?? 0))!
        : inner.Score(groundTruth, prediction);
}
