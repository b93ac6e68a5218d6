using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>
/// An objective of trajectories' rewards: β times what the log-probability of all of its answers gained over the reference.
/// </summary>
internal abstract class SequenceObjective(LearningSet data, Baseline baseline) : Objective(data)
{
    protected const string Chosen = "chosen";
    protected const string Rejected = "rejected";

    /// <summary>The sum of the losses of documents' tokens, and how far they lie below the reference's.</summary>
    /// <param name="documents">Indices.</param>
    /// <param name="losses">Of their supervised tokens, one document after the other.</param>
    protected (double Loss, double Gain) Sum(ReadOnlySpan<int> documents, ReadOnlySpan<float> losses)
    {
        var (sum, reference, row) = (0.0, 0.0, 0);
        foreach (var index in documents)
        {
            foreach (var before in baseline.Documents[index])
            {
                sum += losses[row++];
                reference += before;
            }
        }

        return (sum, reference - sum);
    }

    /// <summary>Takes note of a trajectory's reward and log-probability.</summary>
    /// <param name="side"><see cref="Chosen"/> or <see cref="Rejected"/>.</param>
    protected void Observe(string side, (double Loss, double Gain) sum, StepMetrics metrics)
    {
        metrics.Add($"rewards/{side}", Data.Options.Beta * sum.Gain);
        metrics.Add($"logps/{side}", -sum.Loss);
    }

    protected static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
