using Rebound.Agents.Collection;
using Rebound.Agents.Models;
using Rebound.Agents.Runs;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>Shows the episodes of a run as they go on.</summary>
/// <param name="activity">The activity under a condition, for example <c>Collecting</c>.</param>
/// <param name="unit">The counted things, in the plural.</param>
internal sealed class EpisodesObserver(CommandTerminal terminal, Func<string, string> activity, string unit)
    : IEpisodesObserver, IDisposable
{
    private EpisodesView? _view;

    public void Began(string condition, int attempts, ModelMeter meter) =>
        _view = new EpisodesView(terminal, activity(condition), unit, attempts, meter);

    public void Progressed(int done, CollectionTotals totals) => _view!.Report(done, totals);

    public void Ended() => Dispose();

    public void Dispose()
    {
        _view?.Dispose();
        _view = null;
    }
}
