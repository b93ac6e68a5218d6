using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>Observes an agent at work, one call at a time.</summary>
public interface IAgentObserver
{
    /// <summary>The model is asked for a turn.</summary>
    void Asked();

    /// <summary>The model wrote more of its turn; what it writes after the turn's end is not shown.</summary>
    void Wrote(string text);

    /// <summary>The model reasoned, in a form that tells it from its text.</summary>
    void Reasoned(string text);

    /// <summary>Told when the turn's text so far turns out to be reasoning; its answer begins only now.</summary>
    void WroteReasoning();

    /// <summary>The turn is whole.</summary>
    void Said(Turn turn);

    /// <summary>The agent observes something.</summary>
    void Observed(Turn turn);
}
