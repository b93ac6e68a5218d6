namespace Rebound.Training.Evaluation;

/// <summary>The lowest held-out loss of a run so far.</summary>
/// <param name="Step">The step after which it was measured.</param>
public sealed record BestHeldOut(double Loss, int Step)
{
    /// <summary>The better one of the best so far and what was measured now.</summary>
    public static BestHeldOut Of(BestHeldOut? before, double loss, int step) =>
        before is not null && !(loss < before.Loss) ? before : new BestHeldOut(loss, step);
}
