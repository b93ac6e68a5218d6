using Rebound.Agents.Tasks;
using Rebound.Trajectories;

namespace Rebound.Agents.Scoring;

/// <summary>Judges whether an agent's final answer is right.</summary>
public interface IJudge
{
    /// <summary>The numbers of a score beside its reward: <c>em</c>, <c>f1</c>, or none.</summary>
    IReadOnlyCollection<string> Metrics => [];

    /// <exception cref="JudgeException">Nothing can be said; the run is to stop.</exception>
    Task<Score> JudgeAsync(JudgedEpisode episode, CancellationToken cancellation = default);
}

/// <summary>An episode to be judged.</summary>
/// <param name="Answer">The agent's final answer, as it wrote it.</param>
/// <param name="Prompt">The turns that asked; empty for a recorded answer.</param>
/// <param name="Turns">The agent's turns and what it observed; empty for a recorded answer.</param>
public sealed record JudgedEpisode(TaskQuestion Question, string Answer, IReadOnlyList<Turn> Prompt, IReadOnlyList<Turn> Turns);

/// <summary>A judge that cannot decide whether an answer is right, so that no episode can be kept as a success or a failure.</summary>
public sealed class JudgeException(string message, Exception? inner = null) : Exception(message, inner);
