using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Study.Improvement;
using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;

namespace Rebound.Study.Tests.Improvement;

/// <summary>Ends an improvement at the first place where none was ended before: between any two phases, and in the middle of each.</summary>
/// <param name="killed">The places so far.</param>
internal sealed class Killer(ISet<string> killed) : IImprovementObserver
{
    public void Began(int round, ImprovementPhase phase) => Kill($"before {phase} {round}");

    public void Ended(int round, ImprovementPhase phase) => Kill($"after {phase} {round}");

    public void Done(RoundRecord round) => Kill($"done {round.Round}");

    public IEpisodesObserver Trying(int round, ImprovementPhase phase) =>
        new InEpisodes(this, $"{(phase == ImprovementPhase.Collect ? "collecting" : "evaluating")} {round}");

    public ITrainingObserver Training(int round) => new InTraining(this, $"step {round}");

    private void Kill(string place)
    {
        if (killed.Add(place))
        {
            throw new KilledException();
        }
    }

    private sealed class InEpisodes(Killer killer, string place) : IEpisodesObserver
    {
        public void Progressed(int done, CollectionTotals totals)
        {
            if (done >= 3)
            {
                killer.Kill(place);
            }
        }
    }

    private sealed class InTraining(Killer killer, string place) : ITrainingObserver
    {
        public void StepDone(StepReport report, HeldOutReport? heldOut, BestHeldOut? best)
        {
            if (report.Step == 15)
            {
                killer.Kill(place);
            }
        }
    }
}

/// <summary>Stands for the end of a process.</summary>
internal sealed class KilledException : Exception;
