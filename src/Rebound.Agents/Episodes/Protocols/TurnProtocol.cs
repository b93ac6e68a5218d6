using System.Text.Json;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes.Protocols;

/// <summary>How an agent's turns are asked for, read and acted on.</summary>
internal abstract class TurnProtocol(IAgentObserver? observer)
{
    /// <summary>The schemas of the tools that the model is offered natively; null for none.</summary>
    public virtual JsonElement? Told => null;

    /// <summary>Runs one turn of the agent and its tool calls.</summary>
    public abstract Task StepAsync(AgentRun run, CancellationToken cancellation);

    protected void Say(AgentRun run, Turn turn)
    {
        run.Say(turn);
        observer?.Said(turn);
    }

    protected void Observe(AgentRun run, Turn turn)
    {
        run.Observe(turn);
        observer?.Observed(turn);
    }

    protected void Observe(AgentRun run, string text) => Observe(run, new Turn(Roles.User, text, Loss: false));

    /// <summary>Whether the agent may take no further turn, which ends the run.</summary>
    protected static bool IsOver(AgentRun run, EpisodeOptions options)
    {
        if (run.Steps < options.StepLimit)
        {
            return false;
        }

        run.Fail(FailureCause.StepLimit, $"the agent did not finish within {options.StepLimit} turns.");
        return true;
    }
}
