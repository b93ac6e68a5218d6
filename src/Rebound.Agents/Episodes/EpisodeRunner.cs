using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Episodes;

/// <summary>
/// Runs one episode: an agent tries a question (<see cref="AgentLoop"/>), and a judge scores its answer. Every failure ends as an
/// episode with its cause; only cancellation, a <see cref="ToolServerException"/> and a <see cref="JudgeException"/> are thrown.
/// </summary>
public sealed class EpisodeRunner(IChatClient model, ToolSet tools, IJudge judge, EpisodeOptions options, TimeProvider time)
{
    /// <summary>Runs one episode.</summary>
    /// <param name="prompt">The turns that ask the question.</param>
    /// <param name="cancellation">Gives the episode up; nothing of it is kept.</param>
    public async Task<Episode> RunAsync(TaskQuestion question, IReadOnlyList<Turn> prompt, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        var run = new AgentRun(prompt);
        var loop = new AgentLoop(model, tools, options, time);
        await loop.RunAsync(run, cancellation);
        var (info, cause) = await JudgeAsync(question, prompt, run, cancellation);
        if (cause is { } failure)
        {
            info["cause"] = failure.Name();
        }

        return new Episode(question, run.Turns, info, cause, run.Detail)
        {
            Temperature = options.Temperature,
            Tools = loop.Told,
            InputTokens = run.InputTokens,
            OutputTokens = run.OutputTokens,
            Duration = time.GetElapsedTime(started),
        };
    }

    private async Task<(JsonObject Info, FailureCause? Cause)> JudgeAsync(
        TaskQuestion question, IReadOnlyList<Turn> prompt, AgentRun run, CancellationToken cancellation)
    {
        if (run.Answer is not { } answer)
        {
            return (new JsonObject { ["reward"] = false, ["gt"] = question.GroundTruth?.DeepClone() }, run.Cause);
        }

        var score = await judge.JudgeAsync(new JudgedEpisode(question, answer, prompt, run.Turns), cancellation);
        return (score.Info, score.Reward ? null : FailureCause.WrongAnswer);
    }
}
