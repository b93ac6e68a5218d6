using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>
/// Lets an agent try a question (<see cref="AgentLoop"/>), and scores its answer. Every failure ends as an episode with its
/// cause; nothing but cancellation leaves as an exception.
/// </summary>
public sealed class EpisodeRunner(IChatClient model, ToolSet tools, IScorer scorer, EpisodeOptions options, TimeProvider time)
{
    /// <summary>Runs one episode.</summary>
    /// <param name="prompt">The turns that ask the question.</param>
    /// <param name="cancellation">Gives the episode up; nothing of it is kept.</param>
    public async Task<Episode> RunAsync(TaskQuestion question, IReadOnlyList<Turn> prompt, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        var run = new AgentRun(prompt);
        await new AgentLoop(model, tools, options, time).RunAsync(run, cancellation);
        var (info, cause) = Score(question, run);
        if (cause is { } failure)
        {
            info["cause"] = failure.Name();
        }

        return new Episode(question, run.Turns, info, cause, run.Detail)
        {
            Temperature = options.Temperature,
            InputTokens = run.InputTokens,
            OutputTokens = run.OutputTokens,
            Duration = time.GetElapsedTime(started),
        };
    }

    private (JsonObject Info, FailureCause? Cause) Score(TaskQuestion question, AgentRun run)
    {
        if (run.Answer is not { } answer)
        {
            return (new JsonObject { ["reward"] = false, ["gt"] = question.GroundTruth?.DeepClone() }, run.Cause);
        }

        var score = scorer.Score(question.GroundTruth, answer);
        return (score.Info, score.Reward ? null : FailureCause.WrongAnswer);
    }
}
