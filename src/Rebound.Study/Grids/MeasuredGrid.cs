using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>The measurements of a study so far.</summary>
/// <param name="Runs">Of which something was measured.</param>
/// <param name="Points">That there are to be.</param>
/// <param name="About">How it was set up: names and values.</param>
public sealed record MeasuredGrid(IReadOnlyList<MeasuredRun> Runs, int Points, IReadOnlyList<(string Name, string Value)> About);
