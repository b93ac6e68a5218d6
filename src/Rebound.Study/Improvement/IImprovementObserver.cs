using Rebound.Agents.Runs;
using Rebound.Training.Runs;

namespace Rebound.Study.Improvement;

/// <summary>Observes an improvement. Every method is optional.</summary>
public interface IImprovementObserver
{
    /// <summary>A phase is about to begin, or to go on.</summary>
    /// <param name="round">0 for the evaluation of the model to begin with.</param>
    void Began(int round, ImprovementPhase phase)
    {
    }

    /// <summary>An observer of the phase's episodes; null for none.</summary>
    IEpisodesObserver? Trying(int round, ImprovementPhase phase) => null;

    /// <summary>An observer of the round's training; null for none.</summary>
    ITrainingObserver? Training(int round) => null;

    /// <summary>A phase is over, and what came of it is kept.</summary>
    void Ended(int round, ImprovementPhase phase)
    {
    }

    /// <summary>A round is over, be it by an earlier process.</summary>
    void Done(RoundRecord round)
    {
    }
}
