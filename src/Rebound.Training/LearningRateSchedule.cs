namespace Rebound.Training;

/// <summary>The shapes of a learning rate over a run, by the names that transformers gives them.</summary>
public enum ScheduleKind
{
    /// <summary>Warm-up, then half a cosine down to 0.</summary>
    Cosine,

    /// <summary>Warm-up, then a line down to 0.</summary>
    Linear,

    /// <summary>No warm-up, no decay.</summary>
    Constant,

    /// <summary>Warm-up, then no decay.</summary>
    ConstantWithWarmup,
}

/// <summary>
/// The learning rate of every step, as transformers' <c>get_*_schedule</c> functions have it
/// (https://huggingface.co/docs/transformers/main_classes/optimizer_schedules).
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly ScheduleKind _kind;
    private readonly double _peak;

    /// <param name="peak">The rate after the warm-up.</param>
    public LearningRateSchedule(ScheduleKind kind, double peak, int warmupSteps, int totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        (_kind, _peak, WarmupSteps, TotalSteps) = (kind, peak, warmupSteps, totalSteps);
    }

    public int WarmupSteps { get; }

    public int TotalSteps { get; }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">0 for the first, whose rate is 0 when there is a warm-up.</param>
    public double At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _peak * Factor(step);
    }

    private double Factor(int step)
    {
        if (_kind == ScheduleKind.Constant)
        {
            return 1;
        }

        if (step < WarmupSteps)
        {
            return (double)step / Math.Max(1, WarmupSteps);
        }

        double decaySteps = Math.Max(1, TotalSteps - WarmupSteps);
        return _kind switch
        {
            ScheduleKind.Linear => Math.Max(0, (TotalSteps - step) / decaySteps),
            ScheduleKind.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((step - WarmupSteps) / decaySteps)))),
            _ => 1,
        };
    }
}
