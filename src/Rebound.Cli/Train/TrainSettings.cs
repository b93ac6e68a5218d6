using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Configuration;
using Rebound.Models.Adapters;
using Rebound.Training;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>The settings of a run of <c>rebound train</c>, validated.</summary>
internal sealed record TrainSettings
{
    /// <summary>The folder or GGUF file that training starts from.</summary>
    public required string Model { get; init; }

    /// <summary>The adapter to train beside frozen weights; null to train what the model brings.</summary>
    public required LoraSettings? Lora { get; init; }

    /// <summary>The type of file whose types the frozen weights are kept in; null for those that they have.</summary>
    public GgufFileType? QuantizedBase { get; init; }

    /// <summary>The library's options.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>Whether two runs have to give the same bits.</summary>
    public required bool Deterministic { get; init; }

    /// <summary>Steps between printed lines; null for about fifty lines a run.</summary>
    public required int? LoggingSteps { get; init; }

    /// <summary>Whether to stop after the plan.</summary>
    public required bool PlanOnly { get; init; }

    /// <summary>Every option that has a value, for the run's records; no secrets.</summary>
    public required IReadOnlyList<ResolvedOption> Options { get; init; }

    /// <summary>Whether standard output gets a JSON object for the plan, every step and the end.</summary>
    public required bool Json { get; init; }

    /// <summary>One line for every option that was given and means something else here than in the reference.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
