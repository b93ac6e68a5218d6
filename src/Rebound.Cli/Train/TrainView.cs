using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;
using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>Shows a run as it goes on: the plan, a line every few steps, and the line of the terminal that moves.</summary>
/// <param name="deviceNote">Why it is not the GPU that computes; null for nothing to say.</param>
internal sealed class TrainView(TrainSettings settings, CommandContext context, StartClock clock, string? deviceNote)
    : ITrainingObserver, IDisposable
{
    private readonly CommandTerminal _terminal = context.Terminal;
    private readonly List<IDisposable> _whileTraining = [];
    private RunPlan _plan = null!;
    private StepProgress? _progress;
    private ProgressLine? _baseline;

    public void Note(string sentence) => _terminal.Note(sentence);

    public void Ended(RunPhase phase)
    {
        clock.Ended(phase switch
        {
            RunPhase.LargestBatch => "largest batch",
            RunPhase.FirstStep => "first step",
            _ => phase.ToString().ToLowerInvariant(),
        });
        if (phase == RunPhase.FirstStep && _terminal.Verbose)
        {
            _terminal.Note(clock.Line());
        }
    }

    public void Planned(RunPlan plan)
    {
        _plan = plan;
        if (_terminal.Verbose)
        {
            Show(settings.Options.Select(option => $"Option    {option.Name} = {option.Text} ({option.Origin})"));
        }

        Show([.. deviceNote is null ? [] : new[] { deviceNote }, .. new PlanView(settings, plan).Lines()]);
    }

    public void Measured(StepTiming timing, TimeSpan expected)
    {
        Show([PlanView.Time(timing, expected)]);
        if (settings.Json)
        {
            _terminal.Tell(PlanJson.Of(settings, _plan, timing, expected));
        }
    }

    public void ReadingBaseline(long done, long total)
    {
        _baseline ??= _terminal.StartProgress("Reading with the starting model", total, "tokens");
        _baseline.Report(done);
        if (done >= total)
        {
            _baseline.Dispose();
            _baseline = null;
        }
    }

    public void Began(int firstStep, long tokensLeft)
    {
        _whileTraining.Add(context.Interruption.Saving());
        _whileTraining.Add(_progress = new StepProgress(_terminal, _plan.Steps, settings.LoggingSteps, firstStep, tokensLeft));
        _whileTraining.Add(context.Interrupted.Register(() => _terminal.Note(
            "Interrupted: ending this step, then saving a checkpoint. Ctrl-C again ends at once and saves nothing.")));
    }

    public void BatchDone(int tokens) => _progress!.Advance(tokens);

    public void Measuring() => _progress!.Measuring();

    public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
    {
        _progress!.Write(step, heldOut, best);
        if (settings.Json)
        {
            Event("step", step.ToJson(heldOut));
        }
    }

    public void Saved(int step, string folder)
    {
        _progress!.Note($"saved {folder}");
        if (settings.Json)
        {
            Event("checkpoint", new JsonObject { ["step"] = step, ["path"] = folder });
        }
    }

    /// <summary>Ends what is shown while a run trains.</summary>
    public void Dispose()
    {
        _baseline?.Dispose();
        _baseline = null;
        foreach (var shown in _whileTraining.AsEnumerable().Reverse())
        {
            shown.Dispose();
        }

        _whileTraining.Clear();
    }

    /// <summary>The plan is the result when nothing else was asked for, and a note on the way otherwise.</summary>
    private void Show(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (settings.PlanOnly && !settings.Json)
            {
                _terminal.Output.WriteLine(line);
            }
            else
            {
                _terminal.Note(line);
            }
        }
    }

    private void Event(string name, JsonObject fields)
    {
        fields.Insert(0, "event", JsonValue.Create(name));
        _terminal.Tell(fields);
    }
}
