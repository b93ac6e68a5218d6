using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;
using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>What there is to say when a run has written its model: done, or interrupted and how to go on.</summary>
internal sealed class RunEnd(TrainSettings settings, TrainingPlan plan, IReadOnlyList<StepReport> steps)
{
    private bool Interrupted => steps.Count < plan.TotalSteps;

    /// <returns>The exit code.</returns>
    public int Report(CommandTerminal terminal)
    {
        terminal.Output.WriteLine(settings.Json ? Json().ToJsonString() : Sentence());
        if (!Interrupted)
        {
            return ExitCode.Done;
        }

        terminal.Error(
            $"Interrupted after step {steps.Count} of {plan.TotalSteps}; the model as it stands was written. To train on "
            + $"from it, run with --model {settings.OutputFolder} and another --output-dir: the weights go on, optimizer "
            + "and schedule begin anew.");
        return ExitCode.Interrupted;
    }

    private string Sentence() =>
        $"Wrote {settings.OutputFolder} after {steps.Count} steps: loss {steps[0].Loss:F4} at the first, "
        + $"{steps[^1].Loss:F4} at the last. Try: rebound generate --model {settings.OutputFolder} --message \"…\"";

    private JsonObject Json() => new()
    {
        ["event"] = "done",
        ["output_dir"] = settings.OutputFolder,
        ["steps"] = steps.Count,
        ["first_loss"] = steps[0].Loss,
        ["last_loss"] = steps[^1].Loss,
        ["seconds"] = steps.Sum(step => step.Seconds),
        ["interrupted"] = Interrupted,
    };
}
