namespace Rebound.Training;

/// <summary>A run cannot go on; the weights are those before the step that failed.</summary>
public sealed class TrainingException(string problem, Exception? inner = null) : Exception(problem, inner);
