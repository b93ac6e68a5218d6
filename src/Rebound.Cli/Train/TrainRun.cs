using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Training;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>A run of <c>rebound train</c>: opens device and model, has the library train, and shows what happens.</summary>
internal static class TrainRun
{
    /// <returns>The exit code.</returns>
    public static int Execute(TrainSettings settings, OptionNames names, CommandContext context)
    {
        var clock = new StartClock();
        var device = Devices.Open(context, deterministic: settings.Deterministic);
        using var backend = device.Backend;
        clock.Ended("device");
        return names.Run(() =>
        {
            using var model = StartingModel.Open(settings.Model, settings.Lora);
            context.Terminal.Warn(model.Warnings);
            using var view = new TrainView(settings, context, clock, device.Note);
            var host = new RunHost(backend) { OpenAnother = device.OpenAnother, Observer = view };
            var run = BadRowsView.Refusing(settings.Run.Data, () => TrainingRun.Prepare(settings.Run, model, host, context.Interrupted));
            return Execute(run, settings, view, context);
        });
    }

    private static int Execute(TrainingRun run, TrainSettings settings, TrainView view, CommandContext context)
    {
        if (settings.PlanOnly)
        {
            run.Measure(context.Interrupted);
            context.Terminal.Note("Nothing was trained; the same command without --plan begins.");
            return ExitCode.Done;
        }

        try
        {
            var result = run.Train(context.Interrupted);
            view.Dispose();
            return new RunEnd(settings, result).Report(context.Terminal);
        }
        catch (RunFailedException e)
        {
            throw new TrainingException($"{e.InnerException!.Message} {Rescue(e)}", e.InnerException);
        }
    }

    /// <summary>How to resume or repeat a run that failed.</summary>
    private static string Rescue(RunFailedException failure) => failure switch
    {
        { Checkpoint: null } => "No checkpoint had been saved.",
        { CanResume: true } => $"{failure.Checkpoint} is whole: the same command with --resume auto goes on from there.",
        _ => $"{failure.Checkpoint} is whole: a run with other options can start from it with --model "
            + $"{ShellText.Quoted(failure.Checkpoint)} and another --output-dir.",
    };
}
