namespace Rebound.Study.Results;

/// <summary>A trained model, or any other agent, with all that was measured of it.</summary>
/// <param name="Name">Unique among the runs of a report.</param>
public sealed record MeasuredRun(Arm Arm, string Name, long Seed)
{
    public IReadOnlyList<TaskScores> Tasks { get; init; } = [];

    /// <summary>How likely it finds recorded trajectories under each condition.</summary>
    public IReadOnlyList<TrajectoryLikelihood> Likelihoods { get; init; } = [];

    /// <summary>[steps] of training, in nats per supervised token; empty where it was not trained, or that is not known.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Null where it was not trained, or that is not known.</summary>
    public TrainingCosts? Training { get; init; }
}
