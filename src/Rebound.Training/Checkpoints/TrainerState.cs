using System.Text.Json;
using System.Text.Json.Serialization;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Training.Evaluation;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// Where a run stands, beside the weights and the optimizer's moments. The order of documents, the schedule and dropout
/// are functions of the step and of <see cref="Run"/>, so there is no other state. Names that transformers'
/// <c>trainer_state.json</c> has are its own.
/// </summary>
public sealed record TrainerState
{
    public const string FileName = "trainer_state.json";

    /// <summary>Optimizer steps done.</summary>
    [JsonPropertyName("global_step")]
    public required int Step { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    [JsonPropertyName("max_steps")]
    public required int TotalSteps { get; init; }

    /// <summary>Passes over the documents so far.</summary>
    [JsonPropertyName("epoch")]
    public required double Epoch { get; init; }

    /// <summary>The least held-out loss so far; null before the first one.</summary>
    [JsonPropertyName("best_held_out")]
    public BestHeldOut? BestHeldOut { get; init; }

    /// <summary>The settings that determine the run's result (<see cref="RunIdentity"/>).</summary>
    [JsonPropertyName("run")]
    public required SortedDictionary<string, string> Run { get; init; }

    /// <summary>Every option of the run, for people and for naming what made data differ.</summary>
    [JsonPropertyName("options")]
    public required SortedDictionary<string, string> Options { get; init; }

    public void Write(string folder) =>
        WholeFile.WriteJson(Path.Combine(folder, FileName), JsonSerializer.SerializeToNode(this)!);

    /// <exception cref="CheckpointException">The file is absent or of another form.</exception>
    public static TrainerState Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonFile.Read(path).Deserialize<TrainerState>(StrictJson.ForSerializer)!;
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(
                path, null, $"It is not the state of a run of rebound: {JsonProblem.Sentence(exception)}.", exception);
        }
    }
}
