using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;
using Rebound.Training;
using Rebound.Training.Evaluation;

namespace Rebound.Cli.Train;

/// <summary>What there is to say when a run ends: done and where the model is, or interrupted and how to go on.</summary>
/// <param name="steps">The steps that this process has run.</param>
/// <param name="completed">Steps that are done in all.</param>
/// <param name="saved">The checkpoint that was saved last; null for none.</param>
/// <param name="peakBytes">Of the device's memory, or of the process.</param>
internal sealed class RunEnd(
    TrainSettings settings, TrainingPlan plan, IReadOnlyList<StepReport> steps, int completed, BestHeldOut? best, string? saved, long peakBytes)
{
    private const double GiB = 1L << 30;

    private bool Interrupted => completed < plan.TotalSteps;

    /// <returns>The exit code.</returns>
    public int Report(CommandTerminal terminal)
    {
        if (settings.Json)
        {
            terminal.Output.WriteLine(Json().ToJsonString());
        }
        else if (!Interrupted)
        {
            terminal.Say(Sentence());
            var folder = ShellText.Quoted(settings.OutputFolder);
            terminal.Next("Talk to it", $"rebound chat {folder}");
            terminal.Next("Work it into its model's weights", settings.Lora is null ? null : $"rebound merge --adapter {folder} --output {ShellText.Quoted($"{Path.TrimEndingDirectorySeparator(settings.OutputFolder)}-merged")}");
        }

        if (!Interrupted)
        {
            return ExitCode.Done;
        }

        terminal.Error(
            $"Interrupted after step {completed} of {plan.TotalSteps}: {saved} is saved. The same command with --resume auto goes on from there.");
        return ExitCode.Interrupted;
    }

    private string Sentence()
    {
        var losses = steps.Count > 0
            ? $": loss {steps[0].Loss:F4} at {(steps[0].Step == 1 ? "the first" : $"step {steps[0].Step}")}, {steps[^1].Loss:F4} at the last"
            : "";
        var heldOut = best is null ? "" : $", held-out loss at best {best.Loss:F4} after step {best.Step}";
        return $"Wrote {settings.OutputFolder} after {CountText.Of(completed, "step")}{losses}{heldOut}. Peak memory {peakBytes / GiB:F2} GiB.";
    }

    private JsonObject Json() => new()
    {
        ["event"] = "done",
        ["output_dir"] = settings.OutputFolder,
        ["steps"] = completed,
        ["first_loss"] = steps.Count > 0 ? steps[0].Loss : null,
        ["last_loss"] = steps.Count > 0 ? steps[^1].Loss : null,
        ["best_eval_loss"] = best?.Loss,
        ["best_step"] = best?.Step,
        ["seconds"] = steps.Sum(step => step.Seconds),
        ["peak_memory_bytes"] = peakBytes,
        ["interrupted"] = Interrupted,
    };
}
