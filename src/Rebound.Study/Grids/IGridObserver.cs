using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>Observes a study.</summary>
public interface IGridObserver
{
    /// <summary>Something that is worth knowing: a sentence.</summary>
    void Note(string sentence)
    {
    }

    /// <summary>A training with its examinations begins.</summary>
    /// <param name="done">Trainings that this process has done.</param>
    /// <param name="all">Trainings that it is to do.</param>
    void Began(GridCell cell, int done, int all)
    {
    }

    /// <summary>The work in hand, and how far it is. May be told from several threads.</summary>
    /// <param name="share">From 0 to 1.</param>
    void Progressed(string phase, double share)
    {
    }

    /// <summary>A training with its examinations is done.</summary>
    void Ended(GridCell cell, int done, int all, MeasuredRun run, TimeSpan duration)
    {
    }
}

/// <summary>Listens to nothing.</summary>
internal sealed class UnobservedGrid : IGridObserver;
