using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Grids;

/// <summary>Tells a study's observer how far an examination is.</summary>
internal sealed class EpisodesProgress(CellProgress progress, string phase) : IEpisodesObserver
{
    private int _attempts = 1;

    public void Began(string condition, int attempts, ModelMeter meter) => _attempts = Math.Max(1, attempts);

    public void Progressed(int done, CollectionTotals totals) => progress.Report(phase, (double)done / _attempts);
}
