namespace Rebound.Agents.Scoring;

/// <summary>Stands for the command that a task's file names as its judge, until whoever runs the task lets it start.</summary>
/// <param name="command">The command line.</param>
internal sealed class ForbiddenJudge(string command) : IJudge
{
    public Task<Score> JudgeAsync(JudgedEpisode episode, CancellationToken cancellation = default) =>
        throw new JudgeException($"the judge '{command}' of the task's file was not allowed to start.");
}
