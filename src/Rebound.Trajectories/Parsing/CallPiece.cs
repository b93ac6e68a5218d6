namespace Rebound.Trajectories.Parsing;

/// <summary>A piece of a call that <see cref="CallListReader"/> reads.</summary>
/// <param name="Name">Where a call begins with it; null where one goes on.</param>
/// <param name="Arguments">As far as they are new.</param>
/// <param name="IsWhole">Whether the call ends with it.</param>
public readonly record struct CallPiece(string? Name, string Arguments, bool IsWhole);
