using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>A point of a study: a kind of run with one seed, and the training that it comes to. Several may come to the same one.</summary>
public sealed record GridPoint(Arm Arm, long Seed, GridCell Cell);
