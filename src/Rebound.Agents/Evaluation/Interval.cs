namespace Rebound.Agents.Evaluation;

/// <summary>A 95 % confidence interval.</summary>
public readonly record struct Interval(double Low, double High);
