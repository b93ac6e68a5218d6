namespace Rebound.Models;

/// <summary>
/// A loss as a function of the log-probabilities of a batch's supervised tokens. Its gradient is one number for each of them, so all
/// objectives share one forward and backward.
/// </summary>
public interface IRowObjective
{
    /// <summary>Whether <see cref="Weigh"/> has to know the losses: the head then goes forward once more.</summary>
    bool ReadsLosses { get; }

    /// <summary>Gives each row the number by which the gradient of its loss is multiplied.</summary>
    /// <param name="losses">[S] −log p of each supervised token, in nats; empty unless <see cref="ReadsLosses"/>.</param>
    /// <param name="weights">[S], =: the derivative of the objective by each of the losses.</param>
    void Weigh(ReadOnlySpan<float> losses, Span<float> weights);

    /// <summary>The value of the objective, after <see cref="Weigh"/>.</summary>
    /// <param name="losses">[S] −log p of each supervised token, in nats.</param>
    double Loss(ReadOnlySpan<float> losses);
}
