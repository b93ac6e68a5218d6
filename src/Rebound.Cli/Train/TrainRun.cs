using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda.Collectives;
using Rebound.Training;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>A run of <c>rebound train</c>: opens device and model, has the library train, and shows what happens.</summary>
/// <param name="ranks">This process among others.</param>
internal sealed class TrainRun(TrainSettings settings, OptionNames names, TrainRanks ranks, CommandContext context)
{
    /// <returns>The exit code.</returns>
    public int Execute() => ranks.Run(settings, Execute);

    private int Execute(Communicator? communicator)
    {
        var clock = new StartClock();
        var device = ranks.Open(settings.Deterministic);
        using var backend = device.Backend;
        clock.Ended("device");
        return names.Run(() =>
        {
            using var model = StartingModel.Open(settings.Model, settings.Lora, settings.QuantizedBase);
            using var gpus = communicator is not null && backend is CudaBackend gpu ? new NcclCommunicator(gpu, communicator) : null;
            var host = new RunHost(backend) { OpenAnother = device.OpenAnother, Ranks = gpus ?? communicator };
            if (!ranks.IsFirst)
            {
                using var silent = new RankView(context);
                return Execute(Prepare(model, host with { Observer = silent }), silent);
            }

            context.Terminal.Warn(model.Warnings);
            using var view = new TrainView(settings, context, clock, device.Note);
            return Execute(Prepare(model, host with { Observer = view }), view);
        });
    }

    private TrainingRun Prepare(StartingModel model, RunHost host) => BadRowsView.Refusing(
        settings.Run.Data, () => TrainingRun.Prepare(settings.Run, model, host, context.Interrupted));

    private int Execute(TrainingRun run, IDisposable view)
    {
        if (settings.PlanOnly)
        {
            run.Measure(context.Interrupted);
            Note("Nothing was trained; the same command without --plan begins.");
            return ExitCode.Done;
        }

        try
        {
            var result = run.Train(context.Interrupted);
            view.Dispose();
            return ranks.IsFirst ? new RunEnd(settings, result).Report(context.Terminal)
                : result.IsStopped ? ExitCode.Interrupted : ExitCode.Done;
        }
        catch (RunFailedException e) when (e.InnerException is CommunicationException failure)
        {
            throw new CommunicationException(failure.Rank, $"{failure.Cause.TrimEnd('.')}. {Rescue(e)}");
        }
        catch (RunFailedException e)
        {
            throw new TrainingException($"{e.InnerException!.Message} {Rescue(e)}", e.InnerException);
        }
    }

    private void Note(string sentence)
    {
        if (ranks.IsFirst)
        {
            context.Terminal.Note(sentence);
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
