using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Models.Parameters;
using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>
/// A whole training run: it reads and renders trajectories, plans the steps, trains, saves checkpoints, resumes from one, and publishes
/// the model with its agent card. Checks that can fail early run before the weights are read.
/// </summary>
public sealed class TrainingRun
{
    private static readonly OptionName Output = new(nameof(RunOptions.OutputFolder));

    private readonly RunOptions _options;
    private readonly StartingModel _start;
    private readonly RunHost _host;
    private readonly RunFolder _folder;
    private readonly RankAgreement _ranks;
    private readonly SortedDictionary<string, string> _identity;

    private TrainingRun(RunOptions options, StartingModel start, RunHost host, CancellationToken cancellation)
    {
        (_options, _start, _host) = (options, start, host);
        _folder = new RunFolder(options.OutputFolder);
        var data = RunData.Load(options, start.Text, host.Observer.Note, cancellation);
        var lossMask = data.LossMask(start.Tokenizer.Tokenizer);
        host.Observer.Ended(RunPhase.Data);
        _ranks = host.Agreement;
        var resumption = Resumption.Find(options.Checkpoints.Resume, _folder, _ranks, host.Observer.Note);
        var (backend, config, adapter) = (host.Backend, start.Config, start.Adapter);
        var recipe = options.Training with { Ranks = host.Part.Count };
        if (adapter is not null && recipe.WeightStorage == ParameterStorage.OwnPart)
        {
            recipe = recipe with { ZeroStage = 2 };
            host.Observer.Note(
                "The frozen weights beside an adapter stay whole on every rank: its gradients and moments are divided (ZeRO 2).");
        }

        if (adapter is not null && recipe.OffloadsOptimizer)
        {
            recipe = recipe with { OffloadsOptimizer = false };
            host.Observer.Note("The optimizer's state of an adapter is small, and stays beside it.");
        }

        var packTokens = _ranks.Least(
            options.PackTokens ?? resumption?.PackTokens
                ?? MicroBatch.TokensThatFit(backend, config, adapter, recipe, start.FrozenBytes(backend)));
        var training = recipe with { PackTokens = packTokens };
        var steps = new TrainingPlan(data.Learning, training, host.Part.Index);
        _identity = RunIdentity.Of(training, data.Learning, data.HeldOut, start.Fingerprint, backend.ElementType);
        _ranks.Check(_identity);
        resumption?.Check(_identity, options.Record);
        CheckFolder(resumption);
        host.Observer.Ended(RunPhase.Plan);
        var memory = MemoryPlan.Of(
            backend, config, adapter, training, steps.LargestBatch, HeldOutLoss.LargestBatch(data.HeldOut, packTokens, training.Ranks),
            ProcessMemory.BytesBeside(data.Rendered.Dataset.MappedBytes), _ranks.OnThisHost(), start.FrozenBytes(backend));
        if (options.Checkpoints.Schedule is var saves && saves.Times(steps) > (saves.IsDue(steps.TotalSteps, steps) ? 1 : 0))
        {
            memory = memory.WithSaves(_ranks.All(memory.FitsSnapshot));
        }

        var disk = DiskPlan.Of(options, steps, memory);
        Plan = new RunPlan(config, backend.Description, adapter, data, lossMask, training, steps, memory, disk, resumption);
        host.Observer.Planned(Plan);
    }

    /// <summary>The planned data and steps, and their memory and disk.</summary>
    public RunPlan Plan { get; }

    /// <summary>
    /// Reads and renders the data, and plans the steps; no weights are read, and nothing is written but the rendered data where they
    /// are kept in a file.
    /// </summary>
    /// <param name="start">Stays the caller's to dispose of.</param>
    /// <exception cref="OptionsException">
    /// Options are wrong, all of them told; or the output folder or a checkpoint cannot be used.
    /// </exception>
    /// <exception cref="DataException">A file of trajectories cannot be used, or rows are bad.</exception>
    public static TrainingRun Prepare(RunOptions options, StartingModel start, RunHost host, CancellationToken cancellation = default)
    {
        OptionsException.ThrowIfAny(options.Validate());
        if (options.Training is { OffloadsOptimizer: false, Optimizer.MomentType: DType.BFloat16 } && host.Backend.IsHostMemory)
        {
            const string name = nameof(AdamWOptions.MomentType);
            throw new OptionsException(name, $"{new OptionName(name)} bfloat16 needs a GPU; the CPU keeps moments in float32.");
        }

        return new TrainingRun(options, start, host, cancellation);
    }

    /// <summary>Reads the weights and times the largest batch; nothing is written.</summary>
    /// <exception cref="OptionsException">The run needs more memory than there is.</exception>
    public StepTiming Measure(CancellationToken cancellation = default)
    {
        Plan.CheckMemory();
        using var work = new RunWork(_options, Plan, _start, _host, cancellation);
        return work.Measure();
    }

    /// <summary>Trains, and publishes the model.</summary>
    /// <param name="cancellation">
    /// Ends the run at the end of its step, with a checkpoint (<see cref="CheckpointOptions.SavesWhenStopped"/>); before the first one
    /// at once.
    /// </param>
    /// <exception cref="OptionsException">
    /// The run needs more memory than there is, or another run is at work in the output folder.
    /// </exception>
    /// <exception cref="RunFailedException">It diverged, or a file could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and nothing had to be saved.</exception>
    public RunResult Train(CancellationToken cancellation = default)
    {
        Plan.CheckMemory();
        using var held = _ranks.IsFirst ? TakeFolder() : null;
        using var work = new RunWork(_options, Plan, _start, _host, cancellation);
        if (_options.TriesLargestBatch)
        {
            work.Measure();
        }

        try
        {
            return work.Run(_folder, _identity, cancellation);
        }
        catch (Exception e) when (e is TrainingException or IOException or CommunicationException)
        {
            throw RunFailedException.Of(e, _folder);
        }
    }

    /// <summary>A run that goes on in its own folder finds its own files there; any other must not find another's.</summary>
    private void CheckFolder(Resumption? resumption)
    {
        try
        {
            if (_ranks.IsFirst && (resumption is null || !_folder.Holds(resumption.Folder)))
            {
                _folder.CheckNew(_options.Overwrite);
            }
        }
        catch (IOException e)
        {
            throw new OptionsException(Output.Name, $"{Output}: {e.Message} ({new OptionName(nameof(_options.Overwrite))})", e);
        }
    }

    /// <summary>
    /// Two runs that write into one folder would leave neither's model; one that ended since the folder was looked at left its own.
    /// </summary>
    private FolderLock TakeFolder()
    {
        try
        {
            var held = _folder.Take();
            CheckFolder(Plan.Resumption);
            return held;
        }
        catch (IOException e)
        {
            throw new OptionsException(Output.Name, $"{Output}: {e.Message}", e);
        }
    }
}
