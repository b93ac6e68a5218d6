namespace Rebound.Study.Results;

/// <summary>The costs of a training.</summary>
/// <param name="Seconds">With reading data and weights, and writing the model.</param>
/// <param name="Steps">Of the optimizer.</param>
/// <param name="Tokens">Read in all steps.</param>
public sealed record TrainingCosts(double Seconds, int Steps, long Tokens);
