using Rebound.Cli.Terminal;
using Rebound.Training;
using Rebound.Training.Evaluation;

namespace Rebound.Cli.Train;

/// <summary>The printed lines of a run's steps, and the line of the terminal that moves between them.</summary>
/// <param name="tokensLeft">Tokens that the run is still going to read.</param>
internal sealed class StepProgress(
    CommandTerminal terminal, TrainingPlan plan, int? loggingSteps, int firstStep, long tokensLeft) : IDisposable
{
    private readonly ProgressLine? _line = terminal.ShowsLiveProgress ? terminal.StartProgress("Training", tokensLeft, "tokens") : null;
    private readonly StepLog _log = new(plan, loggingSteps, tokensLeft);
    private long _tokens;
    private StepReport? _last;

    /// <summary>Shows that a batch was read.</summary>
    public void Advance(int tokens)
    {
        _tokens += tokens;
        _line?.Report(_tokens, Status());
    }

    /// <summary>Shows that the held-out loss is being measured.</summary>
    public void Measuring() => _line?.Report(_tokens, $"{Status()}, measuring the held-out loss");

    public void Write(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
    {
        _last = step;
        _line?.Report(_tokens, Status());
        if (_log.Add(step, CommandTerminal.NoteWidth) is { } line)
        {
            Note(line);
        }

        if (heldOut is not null)
        {
            Note(StepLog.HeldOutLine(step, heldOut, best!));
        }
    }

    public void Note(string line)
    {
        _line?.Clear();
        terminal.Note(line);
    }

    public void Dispose()
    {
        _line?.Report(_tokens, Status(stepsAhead: 0));
        _line?.Dispose();
    }

    /// <param name="stepsAhead">1 while the step after the last is under way.</param>
    private string Status(int stepsAhead = 1) => _last is { } last
        ? $"step {Math.Min(last.Step + stepsAhead, plan.TotalSteps):N0}/{plan.TotalSteps:N0}, "
            + $"loss {last.Loss:F4}, norm {last.GradientNorm:F2}"
        : $"step {firstStep:N0}/{plan.TotalSteps:N0}";
}
