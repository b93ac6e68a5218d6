using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes.Protocols;
using Rebound.Agents.Tools;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>
/// The agent loop: the model thinks and acts in the task's <see cref="ToolFormat"/> and observes the tools' replies, until it finishes
/// or fails. Every failure ends the run with its cause and the turn that failed; only cancellation and a
/// <see cref="ToolServerException"/>, which is no failure of the agent, are thrown.
/// </summary>
/// <param name="tools">Null for a model that just answers, in one turn.</param>
/// <param name="observer">Sees turns as they are written, which are streamed then; null for whole turns.</param>
public sealed class AgentLoop(
    IChatClient model, ToolSet? tools, EpisodeOptions options, TimeProvider time, IAgentObserver? observer = null)
{
    /// <summary>The prefix of a tool's reply.</summary>
    public const string Observation = "Observation: ";

    /// <summary>The result of the native call that ends the episode.</summary>
    public const string FinishResult = "Episode finished";

    /// <summary>The observation that follows the agent's answer.</summary>
    public const string Finished = Observation + FinishResult;

    private readonly TurnProtocol _protocol =
        tools is null ? new AnswerProtocol(new ModelTurn(model, observer), options, observer)
        : options.ToolFormat == ToolFormat.Native ? new NativeProtocol(new ModelTurn(model, observer), tools, options, observer)
        : new ReactProtocol(new ModelTurn(model, observer), tools, options, observer);

    /// <summary>The schemas of the tools that the model is offered natively; null for none.</summary>
    public JsonElement? Told => _protocol.Told;

    /// <summary>Works until the run has ended.</summary>
    /// <param name="cancellation">Gives the work up.</param>
    public async Task RunAsync(AgentRun run, CancellationToken cancellation = default)
    {
        using var limit = options.Timeout is { } timeout ? new CancellationTokenSource(timeout, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            while (!run.HasEnded)
            {
                await _protocol.StepAsync(run, either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            run.Fail(FailureCause.Timeout, $"the episode took longer than {options.Timeout!.Value.TotalSeconds:0.###} s.");
        }
    }
}
