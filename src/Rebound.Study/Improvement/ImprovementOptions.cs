using Rebound.Agents.Runs;
using Rebound.Files.Messages;
using Rebound.Models.Adapters;
using Rebound.Training.Runs;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Improvement;

/// <summary>How an agent improves: its rounds, their tries, what is learned from them, and where all of it is kept.</summary>
public sealed record ImprovementOptions
{
    /// <summary>The folder of all rounds; an improvement that is there goes on.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>The folder or file of the model to begin with.</summary>
    public required string Model { get; init; }

    public int Rounds { get; init; } = 3;

    /// <summary>No round begins that would not end within it, were it as long as the last one; null for no limit.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>No round begins once tries and evaluations have read and written as many tokens; null for no limit.</summary>
    public long? Tokens { get; init; }

    /// <summary>The temperatures at which every question is tried.</summary>
    public IReadOnlyList<float> Temperatures { get; init; } = [0.2f, 0.5f, 0.7f];

    /// <summary>Tries at each temperature.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Episodes at once, of tries and evaluations.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>The temperature of evaluations.</summary>
    public float EvaluationTemperature { get; init; } = 0.2f;

    /// <summary>The outcome that is asked for: <c>positive</c>, or another condition of the prompt.</summary>
    public string Condition { get; init; } = "positive";

    /// <summary>Of all draws: those of tries, with the round, and those of evaluations.</summary>
    public long Seed { get; init; } = 42;

    public TrainingStart Start { get; init; }

    /// <summary>The successes that are learned from.</summary>
    public RoundScope Successes { get; init; } = RoundScope.All;

    /// <summary>The failures that are learned from.</summary>
    public RoundScope Failures { get; init; } = RoundScope.Newest;

    /// <summary>Which tries are the same, so that one of them is learned from.</summary>
    public DuplicateRule Duplicates { get; init; } = DuplicateRule.Exact;

    /// <summary>
    /// The training of a round. Its folder, files, prompt and task are the round's; counts of trajectories that are more than there are
    /// stand for all.
    /// </summary>
    public required RunOptions Training { get; init; }

    /// <summary>The adapter to train; null to train what the model brings.</summary>
    public LoraSettings? Lora { get; init; }

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate() =>
    [
        .. new OptionLimits()
            .AtLeast(nameof(Rounds), Rounds, 1)
            .AtLeast(nameof(Tokens), Tokens, 1)
            .Require(Time is not { } time || time > TimeSpan.Zero, nameof(Time), Time?.TotalMinutes ?? 0, "above 0")
            .Within(nameof(EvaluationTemperature), EvaluationTemperature, 0, CollectionOptions.HighestTemperature)
            .Problems,
        .. Collection(OutputFolder, 1).Validate(),
        .. Training.Training.Validate(), .. Training.Rendering.Validate(), .. Training.Checkpoints.Validate(),
    ];

    /// <summary>Whether models are told the outcome that they are to come to, and not merely asked.</summary>
    internal bool TellsOutcomes => Training.Data.Conditions ?? Training.Data.Method is null or TrainingMethod.Nat;

    internal CollectionOptions Collection(string folder, int round) => new()
    {
        OutputFolder = folder,
        Temperatures = Temperatures,
        Samples = Samples,
        Concurrency = Concurrency,
        Seed = unchecked(Seed + round),
    };

    internal EvaluationOptions Evaluation(string folder) => new()
    {
        OutputFolder = folder,
        Conditions = [Condition],
        Temperature = EvaluationTemperature,
        Concurrency = Concurrency,
        Seed = Seed,
    };
}
