using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>Reports the end of a run: done, and where the model is, or interrupted, and how to resume.</summary>
internal sealed class RunEnd(TrainSettings settings, RunResult result)
{
    private const double GiB = 1L << 30;

    /// <returns>The exit code.</returns>
    public int Report(CommandTerminal terminal)
    {
        if (settings.Json)
        {
            terminal.Output.WriteLine(Json().ToJsonString());
        }
        else if (!result.IsStopped)
        {
            terminal.Say(Sentence());
            var folder = ShellText.Quoted(settings.Run.OutputFolder);
            terminal.Next("Talk to it", $"rebound chat {folder}");
            terminal.Next(
                "Work it into its model's weights",
                settings.Lora is null
                    ? null
                    : $"rebound merge --adapter {folder} --output "
                        + $"{ShellText.Quoted($"{Path.TrimEndingDirectorySeparator(settings.Run.OutputFolder)}-merged")}");
        }

        if (!result.IsStopped)
        {
            return ExitCode.Done;
        }

        terminal.Error(
            $"Interrupted after step {result.CompletedSteps} of {result.TotalSteps}: {result.Saved} is saved. The same command with "
                + "--resume auto goes on from there.");
        return ExitCode.Interrupted;
    }

    private string Sentence()
    {
        var losses = result.Steps.Count > 0
            ? $": loss {result.Steps[0].Loss:F4} at {(result.Steps[0].Step == 1 ? "the first" : $"step {result.Steps[0].Step}")}, "
                + $"{result.Steps[^1].Loss:F4} at the last"
            : "";
        var heldOut = result.Best is not { } best ? "" : $", held-out loss at best {best.Loss:F4} after step {best.Step}";
        return $"Wrote {settings.Run.OutputFolder} after {CountText.Of(result.CompletedSteps, "step")}{losses}{heldOut}. Peak memory "
            + $"{result.PeakBytes / GiB:F2} GiB.";
    }

    private JsonObject Json() => new()
    {
        ["event"] = "done",
        ["output_dir"] = settings.Run.OutputFolder,
        ["steps"] = result.CompletedSteps,
        ["first_loss"] = result.Steps.Count > 0 ? result.Steps[0].Loss : null,
        ["last_loss"] = result.Steps.Count > 0 ? result.Steps[^1].Loss : null,
        ["best_eval_loss"] = result.Best?.Loss,
        ["best_step"] = result.Best?.Step,
        ["seconds"] = result.Steps.Sum(step => step.Seconds),
        ["peak_memory_bytes"] = result.PeakBytes,
        ["interrupted"] = result.IsStopped,
    };
}
