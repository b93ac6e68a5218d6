using System.Text.Json.Nodes;
using Rebound.Training;

namespace Rebound.Study.Comparison;

/// <summary>
/// The training recipe of all students of a comparison: the same shape, and the same number of steps whatever they learn from.
/// </summary>
public sealed record StudentRecipe
{
    /// <summary>C.</summary>
    public int HiddenSize { get; init; } = 96;

    /// <summary>F.</summary>
    public int FeedForwardSize { get; init; } = 256;

    public int Layers { get; init; } = 3;

    public int Heads { get; init; } = 3;

    /// <summary>V at most; training the vocabulary may end before.</summary>
    public int VocabularySize { get; init; } = 512;

    public int ContextLength { get; init; } = 512;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 700;

    /// <summary>Trajectories of a step.</summary>
    public int BatchSize { get; init; } = 8;

    public double LearningRate { get; init; } = 2e-3;

    /// <summary>
    /// A Llama with norms on queries and keys, as Qwen3 has them: without them so small a model often fails to learn to copy numbers
    /// from the question at such a learning rate.
    /// </summary>
    /// <param name="vocabularySize">V of the tokenizer.</param>
    /// <param name="stop">The token that ends turns.</param>
    public JsonObject Config(int vocabularySize, int stop) => new()
    {
        ["architectures"] = new JsonArray("Qwen3ForCausalLM"),
        ["model_type"] = "qwen3",
        ["vocab_size"] = vocabularySize,
        ["hidden_size"] = HiddenSize,
        ["intermediate_size"] = FeedForwardSize,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = Heads,
        ["head_dim"] = HiddenSize / Heads,
        ["max_position_embeddings"] = ContextLength,
        ["hidden_act"] = "silu",
        ["initializer_range"] = 0.02,
        ["rms_norm_eps"] = 1e-6,
        ["rope_theta"] = 10000.0,
        ["tie_word_embeddings"] = true,
        ["eos_token_id"] = stop,
    };

    internal TrainingOptions Training(int seed) => new()
    {
        MaxSteps = Steps,
        BatchSize = BatchSize,
        PackTokens = 4096,
        LearningRate = LearningRate,
        Schedule = ScheduleKind.Cosine,
        WarmupRatio = 0.05,
        Seed = seed,
        Optimizer = new AdamWOptions { MaxGradientNorm = 1, WeightDecay = 0.05f, Beta2 = 0.98f },
    };
}
