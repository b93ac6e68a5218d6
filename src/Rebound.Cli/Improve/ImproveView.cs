using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Cli.Terminal;
using Rebound.Study.Improvement;
using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Improve;

/// <summary>Shows an improvement as it goes on: a line for the phase that is under way, and one for what a round came to.</summary>
internal sealed class ImproveView(CommandContext context) : IImprovementObserver, IDisposable
{
    private readonly CommandTerminal _terminal = context.Terminal;
    private ProgressLine? _line;
    private RoundRecord? _last;

    public IEpisodesObserver Trying(int round, ImprovementPhase phase) => new EpisodesLine(
        this, phase == ImprovementPhase.Collect ? $"Round {round}, trying"
            : round == 0 ? "Evaluating the model to begin with"
            : $"Round {round}, evaluating",
        phase == ImprovementPhase.Collect ? "episodes" : "questions");

    public ITrainingObserver Training(int round) => new TrainingLine(this, $"Round {round}, training");

    public void Done(RoundRecord round)
    {
        var change = _last is null ? null : RoundChange.Between(round, _last);
        _last = round;
        _terminal.Note(
            $"{(round.Round == 0 ? "To begin with" : $"Round {round.Round}")}: {RoundsView.Accuracy(round)} % of the held-out questions "
                + $"right{(change is null ? "" : $", {change.Gained.Count:N0} learned and {change.Lost.Count:N0} lost")}.");
    }

    public void Dispose() => End();

    private void Begin(string activity, long total, string unit)
    {
        End();
        _line = _terminal.StartProgress(activity, total, unit);
    }

    private void Report(long done, string detail) => _line?.Report(done, detail);

    private void End()
    {
        _line?.Dispose();
        _line = null;
    }

    private sealed class EpisodesLine(ImproveView view, string activity, string unit) : IEpisodesObserver
    {
        public void Began(string condition, int attempts, ModelMeter meter) => view.Begin(activity, attempts, unit);

        public void Progressed(int done, CollectionTotals totals) => view.Report(done, $"{totals.Successes:N0} right");

        public void Ended() => view.End();
    }

    private sealed class TrainingLine(ImproveView view, string activity) : ITrainingObserver
    {
        private RunPlan? _plan;
        private IDisposable? _saving;
        private bool _isReading;

        public void Note(string sentence) => view._terminal.Note(sentence);

        public void Planned(RunPlan plan) => _plan = plan;

        public void ReadingBaseline(long done, long total)
        {
            if (!_isReading)
            {
                _isReading = true;
                view.Begin($"{activity}, reading with the starting model", total, "tokens");
            }

            view.Report(done, "");
        }

        public void Began(int firstStep, long tokensLeft)
        {
            _saving = view.Saving();
            view.Begin(activity, _plan!.Steps.TotalSteps, "steps");
        }

        public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
        {
            view.Report(step.Step, $"loss {step.Loss:F4}");
            if (step.Step == _plan!.Steps.TotalSteps)
            {
                view.End();
                _saving?.Dispose();
            }
        }
    }

    private IDisposable Saving() => context.Interruption.Saving();
}
