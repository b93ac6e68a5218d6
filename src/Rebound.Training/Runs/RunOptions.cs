using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Files.Messages;
using Rebound.Training.Documents;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Runs;

/// <summary>The options of a training run: its data, its recipe, and its files.</summary>
public sealed record RunOptions
{
    /// <summary>The folder of the run: metrics and checkpoints, and the trained model at the end.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Whether a model and checkpoints that the folder already holds are replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The training data and its prompt.</summary>
    public required DatasetOptions Data { get; init; }

    /// <summary>How trajectories are rendered.</summary>
    public RenderingOptions Rendering { get; init; } = new();

    /// <summary>Whether and where the rendered data are kept.</summary>
    public DataCacheOptions DataCache { get; init; } = new();

    /// <summary>The recipe. Its <see cref="TrainingOptions.PackTokens"/> is replaced by <see cref="PackTokens"/>.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Tokens that go through the model at once; null for what the device has room for.</summary>
    public int? PackTokens { get; init; }

    /// <summary>The trajectories that are measured and not trained on.</summary>
    public HeldOutOptions HeldOut { get; init; } = new();

    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Element type of the weights that are written at the end; checkpoints are fp32.</summary>
    public StoredFloatType SaveType { get; init; } = StoredFloatType.F32;

    /// <summary>The task that the agent card names; null for none.</summary>
    public string? Task { get; init; }

    /// <summary>Whether TensorBoard's files are written.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>Where to; null for <c>runs</c> in the output folder.</summary>
    public string? EventsFolder { get; init; }

    /// <summary>
    /// Whether the largest batch is tried before the first step, so that memory is at its peak at once and the run's time is known.
    /// </summary>
    public bool TriesLargestBatch { get; init; } = true;

    /// <summary>The options as a person gave them, for the run's files.</summary>
    public RunRecord Record { get; init; } = new();

    /// <summary>All that is wrong with the options; empty where a run can be prepared with them.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Require(OutputFolder.Length > 0, nameof(OutputFolder), "empty", "a folder")
        .Require(Data.PositivePath is not null || Data.HasFailures, nameof(Data), "without trajectories", "given a path of some")
        .Add(nameof(Rendering), Rendering.Validate())
        .Add(nameof(Training), Training.Validate())
        .AtLeast(nameof(PackTokens), PackTokens, 1)
        .Add(nameof(HeldOut), HeldOut.Validate())
        .Add(nameof(Checkpoints), Checkpoints.Validate())
        .Problems;
}
