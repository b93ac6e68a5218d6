namespace Rebound.Traces.Runs;

/// <summary>A run's outcome as far as it is known.</summary>
/// <param name="Reward">1 for a success, 0 for a failure; null where nothing tells it.</param>
/// <param name="Why">Why nothing tells it.</param>
/// <param name="Explanation">What an evaluation says of it.</param>
internal readonly record struct Verdict(double? Reward, string? Why, string? Explanation);
