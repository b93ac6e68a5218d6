using Rebound.Agents.Collection;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Runs;
using Rebound.Agents.Tools;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Workbench;

/// <summary>
/// Lets a model try questions, to the end or to an error that says why not. What a folder holds already is not made again, and the
/// weights of a model are not read for that.
/// </summary>
public static class AgentTrials
{
    /// <summary>Collects in the options' folder.</summary>
    /// <param name="model">Stays the caller's to dispose of, as the tools do.</param>
    /// <returns>The collection's end; with attempts left only where its budget was used up.</returns>
    /// <exception cref="UnansweredException">The model does not answer; what ended is kept.</exception>
    /// <inheritdoc cref="CollectionRun.Open" path="/exception"/>
    /// <inheritdoc cref="CollectionRun.RunAsync" path="/exception"/>
    public static async Task<CollectionResult> CollectAsync(
        AgentModel model, AgentSetup setup, ToolSet tools, CollectionOptions options, IEpisodesObserver? observer = null,
        CancellationToken cancellation = default)
    {
        using var run = CollectionRun.Open(model, setup, tools, options);
        var result = await run.RunAsync(observer, cancellation);
        return result.OutOfModel || result.Unanswered is not null ? throw UnansweredException.Of(result) : result;
    }

    /// <summary>Evaluates in the options' folder.</summary>
    /// <param name="model">Stays the caller's to dispose of, as the tools do.</param>
    /// <exception cref="UnansweredException">The model does not answer; what ended is kept.</exception>
    /// <inheritdoc cref="EvaluationRun.Open" path="/exception"/>
    /// <inheritdoc cref="EvaluationRun.RunAsync" path="/exception"/>
    public static async Task<EvaluationReport> EvaluateAsync(
        AgentModel model, AgentSetup setup, ToolSet tools, EvaluationOptions options, IEpisodesObserver? observer = null,
        CancellationToken cancellation = default)
    {
        using var run = EvaluationRun.Open(model, setup, tools, options);
        var result = await run.RunAsync(observer, cancellation);
        return result.Report ?? throw UnansweredException.Of(result.Unfinished!);
    }
}
