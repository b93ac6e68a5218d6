namespace Rebound.Study.Grids;

/// <summary>Tells a study's observer how far one of its trainings is.</summary>
internal sealed class CellProgress(IGridObserver observer, GridCell cell)
{
    /// <param name="phase">The work in hand.</param>
    /// <param name="share">From 0 to 1.</param>
    public void Report(string phase, double share) => observer.Progressed(cell, phase, share);
}
