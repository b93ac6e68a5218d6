using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;
using Rebound.Training;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Metrics;

namespace Rebound.Cli.Train;

/// <summary>Everything that is told of a run's steps while it goes on: files, printed lines, and the line of the terminal.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly TrainSettings _settings;
    private readonly TrainingPlan _plan;
    private readonly CommandTerminal _terminal;
    private readonly MetricsLog _metrics;
    private readonly EventFile? _events;
    private readonly ProgressLine? _progress;
    private readonly StepLog _lines;
    private readonly int _firstStep;
    private long _tokens;
    private StepReport? _last;

    /// <param name="tokensLeft">Tokens that the run is still going to read.</param>
    public RunLog(TrainSettings settings, RunFolder run, TrainingPlan plan, CommandTerminal terminal, int firstStep, long tokensLeft)
    {
        (_settings, _plan, _terminal, _firstStep) = (settings, plan, terminal, firstStep);
        _lines = new StepLog(plan, settings.LoggingSteps, tokensLeft);
        _metrics = new MetricsLog(run.MetricsPath);
        _events = settings.TensorBoard ? new EventFile(settings.LoggingFolder ?? run.EventsFolder, firstStep, TimeProvider.System) : null;
        _progress = terminal.ShowsLiveProgress ? terminal.StartProgress("Training", tokensLeft, "tokens") : null;
    }

    /// <summary>Shows that a batch was read.</summary>
    public void Advance(int tokens)
    {
        _tokens += tokens;
        _progress?.Report(_tokens, Status());
    }

    /// <summary>Shows that the held-out loss is being measured.</summary>
    public void Measuring() => _progress?.Report(_tokens, $"{Status()}, measuring the held-out loss");

    public void Write(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
    {
        _metrics.Write(step, heldOut);
        _events?.Write(step.Step, Scalars(step, heldOut));
        _last = step;
        _progress?.Report(_tokens, Status());
        Note(_lines.Add(step, CommandTerminal.NoteWidth));
        if (heldOut is not null)
        {
            Note(StepLog.HeldOutLine(step, heldOut, best!));
        }

        if (_settings.Json)
        {
            Event("step", step.ToJson(heldOut));
        }
    }

    public void Saved(int step, string folder)
    {
        Note($"saved {folder}");
        if (_settings.Json)
        {
            Event("checkpoint", new JsonObject { ["step"] = step, ["path"] = folder });
        }
    }

    public void Dispose()
    {
        _progress?.Report(_tokens, Status(stepsAhead: 0));
        _progress?.Dispose();
        _events?.Dispose();
        _metrics.Dispose();
    }

    private static IEnumerable<(string Tag, double Value)> Scalars(StepReport step, HeldOutReport? heldOut) =>
    [
        ("train/loss", step.Loss),
        ("train/learning_rate", step.LearningRate),
        ("train/grad_norm", step.GradientNorm),
        ("train/epoch", step.Epoch),
        ("train/tokens_per_second", step.TokensPerSecond),
        ("train/supervised_tokens_per_second", step.SupervisedTokensPerSecond),
        .. heldOut?.Scalars().Select(scalar => ($"eval/{scalar.Name}", scalar.Value)) ?? [],
    ];

    /// <param name="stepsAhead">1 while the step after the last is under way.</param>
    private string Status(int stepsAhead = 1) => _last is { } last
        ? $"step {Math.Min(last.Step + stepsAhead, _plan.TotalSteps):N0}/{_plan.TotalSteps:N0}, loss {last.Loss:F4}, norm {last.GradientNorm:F2}"
        : $"step {_firstStep:N0}/{_plan.TotalSteps:N0}";

    private void Note(string? line)
    {
        if (line is not null)
        {
            _progress?.Clear();
            _terminal.Note(line);
        }
    }

    private void Event(string name, JsonObject fields)
    {
        fields.Insert(0, "event", JsonValue.Create(name));
        _terminal.Tell(fields);
    }
}
