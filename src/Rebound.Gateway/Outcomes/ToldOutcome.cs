namespace Rebound.Gateway.Outcomes;

/// <summary>An outcome that somebody reported.</summary>
/// <param name="Reward">1 for a success, 0 for a failure.</param>
/// <param name="Explanation">Null for none.</param>
/// <param name="Cause">Why it failed; null where that is not told.</param>
/// <param name="Number">Counts what was told: of two the one that was told later counts.</param>
internal sealed record ToldOutcome(double Reward, string? Explanation, string? Cause, int Number);
