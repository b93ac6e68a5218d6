namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>How often a kind of personal data was replaced.</summary>
/// <param name="Found">Places.</param>
/// <param name="Trajectories">Trajectories with at least one.</param>
public readonly record struct RedactionCount(int Found, int Trajectories);
