using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rebound.Training.Evaluation;

namespace Rebound.Training;

/// <summary>The result of one optimizer step.</summary>
/// <param name="Step">1 for the first.</param>
/// <param name="Epoch">Passes over the documents so far.</param>
/// <param name="Loss">Mean over the step's supervised tokens, in nats, before the update.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="Documents">Documents of the step.</param>
/// <param name="Tokens">Tokens of the step.</param>
/// <param name="SupervisedTokens">Those in the loss.</param>
/// <param name="Seconds">From the start of the step to the end of its update.</param>
public sealed record StepReport(
    [property: JsonPropertyName("step")] int Step,
    [property: JsonPropertyName("epoch")] double Epoch,
    [property: JsonPropertyName("loss")] double Loss,
    [property: JsonPropertyName("learning_rate")] double LearningRate,
    [property: JsonPropertyName("grad_norm")] double GradientNorm,
    [property: JsonPropertyName("documents")] int Documents,
    [property: JsonPropertyName("tokens")] int Tokens,
    [property: JsonPropertyName("supervised_tokens")] int SupervisedTokens,
    [property: JsonPropertyName("seconds")] double Seconds)
{
    /// <summary>Means of what people watch of the step's method, by name; empty for a method that has none.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>The most of a GPU's memory that was in use so far, in GiB; null on the CPU.</summary>
    [JsonPropertyName("memory_gib")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MemoryGib { get; init; }

    [JsonPropertyName("tokens_per_second")]
    public double TokensPerSecond => Tokens / Seconds;

    [JsonPropertyName("supervised_tokens_per_second")]
    public double SupervisedTokensPerSecond => SupervisedTokens / Seconds;

    /// <summary>The step as one flat object, with the held-out loss that was measured after it, if one was.</summary>
    public JsonObject ToJson(HeldOutReport? heldOut)
    {
        var json = JsonSerializer.SerializeToNode(this)!.AsObject();
        foreach (var (name, value) in Metrics)
        {
            json[name] = value;
        }

        foreach (var (name, value) in heldOut?.Scalars() ?? [])
        {
            json[$"eval_{name}"] = value;
        }

        return json;
    }
}
