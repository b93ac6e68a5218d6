using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>Observes a study; is told from several threads.</summary>
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

    /// <summary>The work in hand for a training, and how far it is.</summary>
    /// <param name="share">From 0 to 1.</param>
    void Progressed(GridCell cell, string phase, double share)
    {
    }

    /// <summary>A training is left as it is: another process is at it, or it cannot be made.</summary>
    /// <param name="reason">A sentence that names it.</param>
    void Left(GridCell cell, string reason)
    {
    }

    /// <summary>A training with its examinations is done.</summary>
    /// <inheritdoc cref="Began" path="/param"/>
    void Ended(GridCell cell, int done, int all, MeasuredRun run, TimeSpan duration)
    {
    }
}

/// <summary>Listens to nothing.</summary>
internal sealed class UnobservedGrid : IGridObserver;
