using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>A scoring for which any answer of a list is right: the one that scores best counts.</summary>
/// <param name="inner">Compares with one answer.</param>
public sealed class AcceptedAnswers(IScorer inner) : IScorer
{
    public IReadOnlyCollection<string> Metrics => inner.Metrics;

    public Score Score(JsonNode? groundTruth, string prediction) => groundTruth is JsonArray { Count: > 0 } accepted
        ? accepted.Select(answer => inner.Score(answer, prediction)).MaxBy(score => (score.Reward, score.F1 ?? 0))!
        : inner.Score(groundTruth, prediction);
}
