using Rebound.Agents.Episodes;
using Rebound.Trajectories;

namespace Rebound.Agents.Tests.Chat;

/// <summary>Keeps what an agent was seen to do.</summary>
internal sealed class RecordingObserver : IAgentObserver
{
    /// <summary>What was written since the model was asked last.</summary>
    public string Written { get; private set; } = "";

    /// <summary>All that was reasoned.</summary>
    public string Reasoning { get; private set; } = "";

    /// <summary>The turns as they were written, and the observations.</summary>
    public List<string> Seen { get; } = [];

    public void Asked() => Written = "";

    public void Wrote(string text) => Written += text;

    public void Reasoned(string text) => Reasoning += text;

    public void WroteReasoning() => (Reasoning, Written) = (Reasoning + Written, "");

    public void Said(Turn turn)
    {
        Assert.Equal(turn.Content, Written);
        Seen.Add(turn.Content);
    }

    public void Observed(Turn turn) => Seen.Add(turn.Content);
}
