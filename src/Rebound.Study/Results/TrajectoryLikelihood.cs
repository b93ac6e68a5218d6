namespace Rebound.Study.Results;

/// <summary>How likely a model finds a success and a failure at one question, which it did not learn from.</summary>
public sealed record TrajectoryLikelihood(string Question, ConditionedLikelihood Success, ConditionedLikelihood Failure)
{
    /// <summary>How much likelier the condition of successes makes the success.</summary>
    public double Gap => Success.Gap;

    /// <summary>The gap of the success, less that of the failure: what the condition does for one rather than the other.</summary>
    public double Contrast => Success.Gap - Failure.Gap;
}

/// <summary>The log-probability of a trajectory's own turns, in nats, summed over their tokens.</summary>
/// <param name="Tokens">In the loss.</param>
/// <param name="Unconditioned">Null where the prompt has no words without a condition.</param>
public sealed record ConditionedLikelihood(int Tokens, double Positive, double Negative, double? Unconditioned)
{
    public double Gap => Positive - Negative;
}
