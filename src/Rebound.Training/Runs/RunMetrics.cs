using Rebound.Training.Checkpoints;
using Rebound.Training.Evaluation;
using Rebound.Training.Metrics;

namespace Rebound.Training.Runs;

/// <summary>The files that a run's metrics go to.</summary>
internal sealed class RunMetrics : IDisposable
{
    private readonly MetricsLog _metrics;
    private readonly EventFile? _events;

    public RunMetrics(RunOptions options, RunFolder run, int firstStep, TimeProvider time)
    {
        _metrics = new MetricsLog(run.MetricsPath);
        _events = options.TensorBoard ? new EventFile(options.EventsFolder ?? run.EventsFolder, firstStep, time) : null;
    }

    /// <exception cref="TrainingException">The disk refuses.</exception>
    public void Write(StepReport step, HeldOutReport? heldOut)
    {
        try
        {
            _metrics.Write(step, heldOut);
            _events?.Write(step.Step, Scalars(step, heldOut));
        }
        catch (IOException e)
        {
            throw new TrainingException($"The metrics of step {step.Step} could not be written: {e.Message.TrimEnd('.')}.", e);
        }
    }

    public void Dispose()
    {
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
        .. step.MemoryGib is { } memory ? [("train/memory_gib", memory)] : Array.Empty<(string, double)>(),
        .. step.Metrics.Select(metric => ($"train/{metric.Key}", metric.Value)),
        .. heldOut?.Scalars().Select(scalar => ($"eval/{scalar.Name}", scalar.Value)) ?? [],
    ];
}
