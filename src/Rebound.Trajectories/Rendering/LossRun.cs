namespace Rebound.Trajectories.Rendering;

/// <summary>A run of tokens of a document that are all in the loss, and whose neighbours are not.</summary>
/// <param name="Start">The first one.</param>
/// <param name="End">The one behind the last.</param>
public readonly record struct LossRun(int Start, int End);
