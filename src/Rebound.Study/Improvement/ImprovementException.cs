namespace Rebound.Study.Improvement;

/// <summary>A round that cannot go on: nothing of its tries can be learned from.</summary>
public sealed class ImprovementException(string message) : Exception(message);
