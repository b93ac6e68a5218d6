using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>
/// Runs the steps of a <see cref="TrainingPlan"/>: gradients of all of a step's batches are summed under one
/// denominator, the step's supervised tokens, then clipped and applied. The loss is that of one big batch, however it
/// was cut.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly LlamaModel _model;
    private readonly TrainingPlan _plan;
    private readonly LearningRateSchedule _schedule;
    private readonly TimeProvider _time;
    private readonly ParameterSet _gradients;
    private readonly AdamWOptimizer _optimizer;

    /// <summary>Allocates gradients, optimizer moments and the activations of the plan's largest batch.</summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public Trainer(LlamaModel model, TrainingPlan plan, TrainingOptions options, TimeProvider time)
    {
        _model = model;
        _plan = plan;
        _time = time;
        _schedule = options.ScheduleFor(plan.TotalSteps);
        _gradients = model.CreateGradients();
        try
        {
            _optimizer = new AdamWOptimizer(model.Trainable, options.Optimizer);
            model.Reserve(plan.LargestBatch, backward: true);
        }
        catch
        {
            _optimizer?.Dispose();
            _gradients.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that training a model takes at its peak: weights, gradients, two moments, and activations.</summary>
    public static long PeakBytes(Engine.Backend backend, LlamaConfig config, TrainingPlan plan) =>
        (4 * ParameterTable.For(config).Bytes) + LlamaModel.WorkspaceBytes(backend, config, plan.LargestBatch, backward: true);

    /// <summary>Runs the steps, one for every report taken; what is not taken is not run.</summary>
    /// <param name="onBatch">Told after every forward and backward pass how many tokens it read.</param>
    /// <exception cref="TrainingException">The loss or the gradient norm is not a finite number.</exception>
    public IEnumerable<StepReport> Run(Action<int>? onBatch = null)
    {
        foreach (var step in _plan.Steps())
        {
            yield return Run(step, onBatch);
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _gradients.Dispose();
    }

    private StepReport Run(OptimizerStep step, Action<int>? onBatch)
    {
        var start = _time.GetTimestamp();
        var rate = _schedule.At(step.Number - 1);
        _gradients.Clear();
        var sum = 0.0;
        foreach (var batch in step.Batches)
        {
            sum += _model.LossAndGradients(batch, _gradients, 1f / step.SupervisedTokens);
            onBatch?.Invoke(batch.TokenCount);
        }

        var loss = sum / step.SupervisedTokens;
        if (!double.IsFinite(loss))
        {
            throw new TrainingException(
                $"The loss of step {step.Number} is {loss}: the run has diverged. Lower the learning rate ({rate:g3} at "
                + "this step), warm up longer, or clip harder; if it is the first step, the model's weights are not sound.");
        }

        var norm = Update(rate);
        return new StepReport(
            step.Number, step.Epoch, loss, rate, norm, step.Documents, step.Tokens, step.SupervisedTokens,
            _time.GetElapsedTime(start).TotalSeconds);
    }

    private double Update(double rate)
    {
        try
        {
            return _optimizer.Step(_gradients, (float)rate);
        }
        catch (ArithmeticException e)
        {
            throw new TrainingException(e.Message, e);
        }
    }
}
