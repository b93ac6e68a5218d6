using Rebound.Trajectories;

namespace Rebound.Study.Likelihood;

/// <summary>A trajectory with its question.</summary>
/// <param name="Question">As the agent was asked it, without the prompt.</param>
public readonly record struct AskedTrajectory(string Question, Trajectory Trajectory);
