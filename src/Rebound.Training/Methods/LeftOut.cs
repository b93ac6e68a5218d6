namespace Rebound.Training.Methods;

/// <summary>Trajectories that a method has no use for.</summary>
/// <param name="Count">How many.</param>
/// <param name="What">What they are: <c>failures whose question has no success</c>.</param>
public sealed record LeftOut(int Count, string What);
