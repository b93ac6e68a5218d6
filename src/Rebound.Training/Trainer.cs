using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Models.Parameters;
using Rebound.Training.Checkpoints;
using Rebound.Training.Methods;
using Rebound.Training.Objectives;
using Rebound.Training.Ranks;

namespace Rebound.Training;

/// <summary>
/// Runs the steps of a <see cref="TrainingPlan"/>: gradients of all of a step's batches are summed under one
/// denominator, mostly the step's supervised tokens, then clipped and applied. The loss is that of one big batch, however it
/// was cut, also among ranks, each of which updates its own part of the weights (ZeRO).
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly LlamaModel _model;
    private readonly TrainingPlan _plan;
    private readonly LearningRateSchedule _schedule;
    private readonly long _seed;
    private readonly int _packTokens;
    private readonly TimeProvider _time;
    private readonly Communicator? _ranks;
    private readonly ParameterSet _gradients;
    private readonly ZeroSchedule? _zero;
    private readonly AdamWOptimizer _optimizer;
    private readonly CpuBackend? _ownHost;
    private StepGradients _step;

    /// <summary>Allocates gradients, optimizer moments and the activations of the plan's largest batch.</summary>
    /// <param name="plan">Of this rank.</param>
    /// <param name="ranks">Those that train together, each with a model that updates the rank's part; null for the only one.</param>
    /// <param name="hostThreads">Threads that the host updates the weights of a device with; null for one for every core.</param>
    /// <exception cref="ArgumentException">The model or the options are of another number of ranks.</exception>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    /// <exception cref="OptionsException">The options are wrong; all problems are told.</exception>
    public Trainer(
        LlamaModel model, TrainingPlan plan, TrainingOptions options, TimeProvider time, Communicator? ranks = null,
        int? hostThreads = null)
    {
        OptionsException.ThrowIfAny(options.Validate());
        var part = ranks is null ? ParameterPart.Whole : new ParameterPart(ranks.Rank, ranks.Size);
        var storage = model.Adapter is null ? options.WeightStorage : ParameterStorage.Whole;
        if (model.Trainable.Part != part || options.Ranks != part.Count || model.Trainable.Storage != storage)
        {
            throw new ArgumentException(
                $"The trainer is {part} of {storage}, the model's is {model.Trainable.Part} of {model.Trainable.Storage}, and the options "
                + $"are of {options.Ranks} ranks.",
                nameof(ranks));
        }

        _ranks = part.Count > 1 ? ranks : null;
        _model = model;
        _plan = plan;
        _time = time;
        _schedule = options.ScheduleFor(plan.TotalSteps);
        (_seed, _packTokens) = (options.Seed, options.PackTokens);
        _gradients = model.CreateGradients(options.GradientStorage);
        try
        {
            model.Schedule = _zero = _ranks is null ? null : new ZeroSchedule(_ranks, model.Trainable, _gradients);
            _step = StepGradients.Of(model, plan.Data, baseline: null, _packTokens, _ranks, _zero);
            _ownHost = options.OffloadsOptimizer && model.Backend is not CpuBackend ? new CpuBackend(hostThreads) : null;
            var host = options.OffloadsOptimizer ? _ownHost ?? (CpuBackend)model.Backend : null;
            _optimizer = new AdamWOptimizer(model.Trainable, options.Optimizer, _ranks, host);
            model.RecomputesBlocks = options.RecomputeBlocks;
            model.Reserve(plan.LargestBatch, backward: true);
        }
        catch
        {
            _optimizer?.Dispose();
            Release();
            throw;
        }
    }

    /// <summary>Steps that are done, those before a resume included: the next one has this number plus one.</summary>
    public int CompletedSteps { get; private set; }

    /// <summary>AdamW's moments, by the names of their files.</summary>
    internal IReadOnlyList<(string Name, ParameterSet Moment)> Moments =>
    [
        ("optimizer_first_moment", _optimizer.FirstMoment),
        ("optimizer_second_moment", _optimizer.SecondMoment),
    ];

    /// <summary>Takes the losses that the method compares with: before the first step, for a method that has some.</summary>
    public void Compare(Baseline baseline) => _step = StepGradients.Of(_model, _plan.Data, baseline, _packTokens, _ranks, _zero);

    /// <summary>Runs the remaining steps lazily: one for every report that is enumerated.</summary>
    /// <param name="onBatch">Told after every forward and backward pass how many tokens it read.</param>
    /// <exception cref="TrainingException">The loss or the gradient norm is not a finite number.</exception>
    public IEnumerable<StepReport> Run(Action<int>? onBatch = null)
    {
        foreach (var step in _plan.Steps(CompletedSteps + 1))
        {
            var report = Run(step, onBatch);
            CompletedSteps = step.Number;
            yield return report;
        }
    }

    /// <summary>
    /// Times a forward and backward pass over the plan's largest batch, so that memory is at its peak at once, and an
    /// update. Weights, moments and what the run computes later stay as they are.
    /// </summary>
    /// <exception cref="InvalidOperationException">Steps have been run.</exception>
    public StepTiming Measure()
    {
        if (CompletedSteps > 0)
        {
            throw new InvalidOperationException("A trainer is measured before its first step.");
        }

        var batch = _plan.Largest();
        var pass = StepTiming.Least(_time, () =>
        {
            _gradients.Clear();
            _step.Run(OptimizerStep.Of([batch]), _gradients, new StepMetrics(), _ => 0);
        }, _ranks);
        _gradients.Clear();

        // With zero gradients and moments and a rate of zero an update changes nothing.
        var update = StepTiming.Least(_time, () =>
        {
            Update(rate: 0);
            _optimizer.StepCount = 0;
        }, _ranks);
        return new StepTiming(pass / ((double)batch.Packed.TokenCount * (_ranks?.Size ?? 1)), update);
    }

    /// <summary>
    /// Writes the optimizer's moments, from which, with the weights, a later process can resume; one of several ranks writes its part.
    /// </summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void SaveState(string folder)
    {
        foreach (var (name, moment) in Moments)
        {
            ParameterShard.Write(folder, name, moment, ParameterShard.SourceOf(moment));
        }
    }

    /// <summary>
    /// Takes over what <see cref="SaveState"/> wrote after a number of steps, on any number of ranks. Order of documents, schedule and all
    /// else follow from the plan and that number.
    /// </summary>
    /// <exception cref="CheckpointException">The files are not those of a run of this model.</exception>
    public void RestoreState(string folder, int completedSteps)
    {
        foreach (var (name, moment) in Moments)
        {
            using var tensors = ShardedTensors.Open(folder, name);
            moment.Load(tensors);
        }

        CompletedSteps = _optimizer.StepCount = completedSteps;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Release();
    }

    private void Release()
    {
        _model.Schedule = null;
        _ownHost?.Dispose();
        _zero?.Dispose();
        _gradients.Dispose();
    }

    private StepReport Run(OptimizerStep step, Action<int>? onBatch)
    {
        var start = _time.GetTimestamp();
        var rate = _schedule.At(step.Number - 1);
        _gradients.Clear();
        var metrics = new StepMetrics();
        var loss = _step.Run(step, _gradients, metrics, batch => DropoutSeed(step.Number, batch), onBatch);
        if (!double.IsFinite(loss))
        {
            throw new TrainingException(
                $"The loss of step {step.Number} is {loss}: the run has diverged. Lower the learning rate ({rate:g3} at "
                + "this step), warm up longer, or clip harder; if it is the first step, the model's weights are not sound.");
        }

        var norm = Update(rate);
        return new StepReport(
            step.Number, step.Epoch, loss, rate, norm, step.Documents, step.Tokens, step.SupervisedTokens,
            _time.GetElapsedTime(start).TotalSeconds)
        {
            Metrics = metrics.Means(),
            MemoryGib = _model.Backend.PeakBytes / (double)(1L << 30),
        };
    }

    /// <summary>A seed of its own for every pass of a run, which follows from the run's seed and the pass's place.</summary>
    private ulong DropoutSeed(int step, int batch) => unchecked((((ulong)_seed * 1_000_003) + (ulong)step) * 1_000_003) + (ulong)batch;

    private double Update(double rate)
    {
        try
        {
            var norm = _optimizer.Step(_gradients, (float)rate);
            _zero?.ShareWeights();
            return norm;
        }
        catch (ArithmeticException e)
        {
            throw new TrainingException(e.Message, e);
        }
    }
}
