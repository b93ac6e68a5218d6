using Rebound.Agents.Episodes;
using Rebound.Trajectories;

namespace Rebound.Server.Agents;

/// <summary>Nobody looks on while the agent works; its turns are read as they are where somebody does.</summary>
internal sealed class UnobservedAgent : IAgentObserver
{
    public void Asked()
    {
    }

    public void Wrote(string text)
    {
    }

    public void Reasoned(string text)
    {
    }

    public void WroteReasoning()
    {
    }

    public void Said(Turn turn)
    {
    }

    public void Observed(Turn turn)
    {
    }
}
