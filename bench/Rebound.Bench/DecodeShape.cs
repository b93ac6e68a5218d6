using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Checkpoints;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Bench;

/// <summary>A model whose decoding is timed on a GPU.</summary>
/// <param name="PromptTokens">Tokens of each prompt.</param>
/// <param name="Batches">Sequences that are decoded together, a row of the table for each.</param>
/// <param name="Temperatures">That each of them is drawn at.</param>
/// <param name="PrefillPrompts">Prompts that are read together for the row of prefill.</param>
internal sealed record DecodeShape(
    string Name, LlamaConfig Config, int PromptTokens, int[] Batches, float[] Temperatures, int PrefillPrompts)
{
    private const int BFloat16Bytes = 2;

    public static IReadOnlyList<DecodeShape> All { get; } =
    [
        new("7b", Config7B(32, 4096), 540, [1, 32, 128], [0], PrefillPrompts: 64),
        new("7b-gqa", Config7B(8, 32_768), 16_384, [1], [0], PrefillPrompts: 1),
        new("smollm2-135m", SmolLm2, 490, [1, 256], [0, 0.7f], PrefillPrompts: 256),
    ];

    private static LlamaConfig SmolLm2 => CudaStepShape.All.Single(shape => shape.Name == "smollm2-135m").Config;

    /// <summary>
    /// Bytes that a decoding step reads at least: all weights that it multiplies with, and the keys and values before its tokens.
    /// </summary>
    /// <param name="cachedTokens">Of all sequences together.</param>
    /// <param name="type">The type of the matrices.</param>
    public double StepBytes(double cachedTokens, DType type)
    {
        // Of an embedding that is no head only the rows of the step's tokens are read.
        var elements = ParameterTable.For(Config).Slices
            .Where(slice => Config.TieWordEmbeddings || slice.Name != ParameterNames.Embedding).Sum(slice => slice.Shape.Count);
        var cached = cachedTokens * 2 * Config.Layers * Config.KeyValueHeads * Config.HeadDim;
        return type.BytesOf(elements) + (BFloat16Bytes * cached);
    }

    private static LlamaConfig Config7B(int keyValueHeads, int positions) => LlamaConfig.Parse(
        JsonNode.Parse(
            $$"""
            {"model_type":"llama","hidden_size":4096,"intermediate_size":11008,"num_hidden_layers":32,
             "num_attention_heads":32,"num_key_value_heads":{{keyValueHeads}},"vocab_size":32000,
             "max_position_embeddings":{{positions}},"rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":false,
             "hidden_act":"silu"}
            """)!.AsObject(),
        "the bench");
}
