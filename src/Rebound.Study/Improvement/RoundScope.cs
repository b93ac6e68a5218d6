namespace Rebound.Study.Improvement;

/// <summary>The rounds whose trajectories are learned from.</summary>
public enum RoundScope
{
    /// <summary>The last one's.</summary>
    Newest,

    /// <summary>Those of all rounds so far, the oldest first.</summary>
    All,
}
