using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;

namespace Rebound.Inference.Generation;

/// <summary>
/// How a model's makers would have its tokens drawn, as its <c>generation_config.json</c> says
/// (https://huggingface.co/docs/transformers/main_classes/text_generation); what is null, it does not say.
/// </summary>
public sealed record OwnSampling
{
    /// <summary>A model that says nothing.</summary>
    public static OwnSampling None { get; } = new();

    /// <summary>0 where <c>do_sample</c> is false.</summary>
    public float? Temperature { get; private init; }

    public int? TopK { get; private init; }

    public float? TopP { get; private init; }

    public float? MinP { get; private init; }

    public float? RepetitionPenalty { get; private init; }

    /// <param name="generationConfig">Null for a model without one.</param>
    /// <param name="location">Where the model is, for messages.</param>
    /// <exception cref="CheckpointException">A value is none that a model can be sampled with.</exception>
    public static OwnSampling Read(JsonObject? generationConfig, string location)
    {
        if (generationConfig is null)
        {
            return None;
        }

        var draws = generationConfig["do_sample"]?.GetValueKind();
        var own = new OwnSampling
        {
            Temperature = draws == JsonValueKind.False ? 0 : Number("temperature"),
            TopK = (int?)Number("top_k"),
            TopP = Number("top_p"),
            MinP = Number("min_p"),
            RepetitionPenalty = Number("repetition_penalty"),
        };
        try
        {
            own.Over(new SamplingOptions()).Validate();
            return own;
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(Path.Combine(location, ModelFiles.GenerationConfig), null, e.Message, e);
        }

        float? Number(string key) => generationConfig[key] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<float>(out var number) => number,
            var other => throw new CheckpointException(
                Path.Combine(location, ModelFiles.GenerationConfig), null, $"'{key}' is {other.ToJsonString()}, not a number."),
        };
    }

    /// <summary>Options with what the model says in the place of theirs.</summary>
    public SamplingOptions Over(SamplingOptions options) => options with
    {
        Temperature = Temperature ?? options.Temperature,
        TopK = TopK ?? options.TopK,
        TopP = TopP ?? options.TopP,
        MinP = MinP ?? options.MinP,
        RepetitionPenalty = RepetitionPenalty ?? options.RepetitionPenalty,
    };

    /// <summary>In words, as options name it: <c>temperature 0.6, top-p 0.9</c>.</summary>
    public override string ToString()
    {
        (string Name, float? Value)[] parts =
        [
            ("temperature", Temperature), ("top-k", TopK), ("top-p", TopP), ("min-p", MinP), ("repetition penalty", RepetitionPenalty),
        ];
        return string.Join(", ", parts.Where(part => part.Value is not null).Select(part => $"{part.Name} {part.Value}"));
    }
}
