using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Episodes;

/// <summary>How an assistant's turn is read.</summary>
public enum ActionParsing
{
    /// <summary>To the letter as the NAT reference does, with its oddities (<see cref="ReferenceActions"/>).</summary>
    Reference,

    /// <summary>With an eye for what models write when they mean the same (<see cref="TolerantActions"/>).</summary>
    Tolerant,
}
