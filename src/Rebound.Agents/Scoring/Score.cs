using System.Text.Json.Nodes;

namespace Rebound.Agents.Scoring;

/// <summary>The score of a prediction.</summary>
/// <param name="Reward">Whether it is right.</param>
/// <param name="F1">Token F1, 0 to 1, where the scorer has one.</param>
/// <param name="Info">The members of a trajectory's <c>info</c>, in the reference's order.</param>
public sealed record Score(bool Reward, double? F1, JsonObject Info);

/// <summary>A judge that only compares a prediction with the right answer.</summary>
public interface IScorer : IJudge
{
    /// <param name="groundTruth">The right answer as the data has it: a string, true or false, a number, or a
    /// list of answers that are all right.</param>
    /// <param name="prediction">The agent's final answer, as it wrote it.</param>
    Score Score(JsonNode? groundTruth, string prediction);

    Task<Score> IJudge.JudgeAsync(JudgedEpisode episode, CancellationToken cancellation) =>
        Task.FromResult(Score(episode.Question.GroundTruth, episode.Answer));
}
