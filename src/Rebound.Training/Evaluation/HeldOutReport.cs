namespace Rebound.Training.Evaluation;

/// <summary>The loss of documents that are not trained on.</summary>
/// <param name="Loss">Mean over all supervised tokens, in nats.</param>
/// <param name="LossByOutcome">The same over the documents of each outcome.</param>
/// <param name="Seconds">The duration of the measurement.</param>
public sealed record HeldOutReport(double Loss, IReadOnlyList<(string Outcome, double Loss)> LossByOutcome, double Seconds)
{
    /// <summary>The values to log: <c>loss</c>, <c>loss_positive</c>, <c>loss_negative</c>, <c>seconds</c>.</summary>
    public IEnumerable<(string Name, double Value)> Scalars() =>
    [
        ("loss", Loss),
        .. LossByOutcome.Select(part => ($"loss_{part.Outcome}", part.Loss)),
        ("seconds", Seconds),
    ];
}
