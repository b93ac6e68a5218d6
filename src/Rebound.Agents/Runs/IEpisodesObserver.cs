using Rebound.Agents.Collection;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Runs;

/// <summary>Observes the episodes of a collection or an evaluation, one call at a time. Every method is optional.</summary>
public interface IEpisodesObserver
{
    /// <summary>Episodes are about to be run: once for a collection, once for each condition of an evaluation.</summary>
    /// <param name="condition">The condition of the episodes.</param>
    /// <param name="attempts">Episodes that there are to be, those of an earlier run included.</param>
    /// <param name="meter">Counts what the model reads and writes meanwhile.</param>
    void Began(string condition, int attempts, ModelMeter meter)
    {
    }

    /// <summary>An episode ended and is kept; told at the start, too.</summary>
    /// <param name="done">Of the attempts.</param>
    void Progressed(int done, CollectionTotals totals)
    {
    }

    /// <summary>The episodes that <see cref="Began"/> announced are over, however they ended.</summary>
    void Ended()
    {
    }
}

/// <summary>Listens to nothing.</summary>
internal sealed class UnobservedEpisodes : IEpisodesObserver;
