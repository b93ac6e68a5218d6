using Rebound.Cli.Configuration;
using Rebound.Cli.Data;
using Rebound.Models.Adapters;
using Rebound.Models.Checkpoints;
using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>What a run of <c>rebound train</c> was asked for, checked.</summary>
internal sealed record TrainSettings
{
    /// <summary>What the model reads and learns.</summary>
    public required DocumentSettings Documents { get; init; }

    /// <summary>The folder or GGUF file that training starts from.</summary>
    public string Model => Documents.Model;

    /// <summary>The folder that the trained model is written to.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Whether a model and checkpoints that are there may be replaced.</summary>
    public required bool Overwrite { get; init; }

    /// <summary>The task, for the agent card.</summary>
    public required string? TaskName { get; init; }

    public required TrainingOptions Training { get; init; }

    /// <summary>Tokens that go through the model at once; null for what the device has room for.</summary>
    public required int? PackTokens { get; init; }

    /// <summary>Whether two runs have to give the same bits.</summary>
    public required bool Deterministic { get; init; }

    /// <summary>The adapter to train beside frozen weights; null to train what the model brings.</summary>
    public required LoraSettings? Lora { get; init; }

    /// <summary>Steps between printed lines; null for about fifty lines a run.</summary>
    public required int? LoggingSteps { get; init; }

    public required EvaluationSettings Evaluation { get; init; }

    public required SavingSettings Saving { get; init; }

    /// <summary>Element type of the weights that are written at the end.</summary>
    public required StoredFloatType SaveType { get; init; }

    /// <summary>Whether TensorBoard's files are written.</summary>
    public required bool TensorBoard { get; init; }

    /// <summary>Where to; null for a folder in the output folder.</summary>
    public required string? LoggingFolder { get; init; }

    /// <summary>Whether to stop after the plan.</summary>
    public required bool PlanOnly { get; init; }

    /// <summary>Every option that has a value, for the run's records; no secrets.</summary>
    public required IReadOnlyList<ResolvedOption> Options { get; init; }

    /// <summary>Whether standard output gets a JSON object for the plan, every step and the end.</summary>
    public required bool Json { get; init; }

    /// <summary>One line for every option that was given and means something else here than in the reference.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
