using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Configuration;

namespace Rebound.Models;

/// <summary>The members of the Llama family, by Hugging Face's <c>model_type</c>.</summary>
public enum LlamaVariant
{
    /// <summary>Llama 2, Llama 3.x, SmolLM2.</summary>
    Llama,

    /// <summary>Llama with a sliding window on every layer, if any.</summary>
    Mistral,

    /// <summary>Qwen2 and 2.5: biases on query, key and value.</summary>
    Qwen2,

    /// <summary>Qwen3: an RMSNorm on every query and key head.</summary>
    Qwen3,
}

/// <summary>
/// The configuration of a model of the Llama family, from its <c>config.json</c>: everything that its computation depends on.
/// </summary>
public sealed record LlamaConfig
{
    public required LlamaVariant Variant { get; init; }

    /// <summary>C.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>F.</summary>
    public required int FeedForwardSize { get; init; }

    public required int Layers { get; init; }

    /// <summary>H.</summary>
    public required int QueryHeads { get; init; }

    /// <summary>KvH; divides <see cref="QueryHeads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Elements of a head; even, and not always C / H.</summary>
    public required int HeadDim { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>max_position_embeddings</c>.</summary>
    public required int MaxPositions { get; init; }

    public float RmsNormEpsilon { get; init; } = 1e-6f;

    public RopeSettings Rope { get; init; } = new();

    /// <summary>Biases on the query, key and value projections.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>A bias on the attention's output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Biases on the gate, up and down projections.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>True when the head is the embedding's own matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>[layers] the sliding window of each layer in tokens, 0 for none.</summary>
    public required ImmutableArray<int> Windows { get; init; }

    public int? BosTokenId { get; init; }

    /// <summary>Every token that ends a sequence; may be empty.</summary>
    public ImmutableArray<int> EosTokenIds { get; init; } = [];

    public int? PadTokenId { get; init; }

    /// <summary>Standard deviation of newly initialized matrices.</summary>
    public float InitializerRange { get; init; } = 0.02f;

    /// <summary>RMSNorm over every query and key head before the rotation.</summary>
    public bool QueryKeyNorm => Variant == LlamaVariant.Qwen3;

    /// <summary>
    /// Tokens that a sequence may have: <see cref="MaxPositions"/>, times the factor of linear position scaling, which
    /// stretches the positions a model was trained on.
    /// </summary>
    public int ContextLength => Rope.Scaling == RopeScaling.Linear
        ? (int)Math.Min(int.MaxValue, MaxPositions * (double)Rope.Factor)
        : MaxPositions;

    /// <summary>Width of the attention's output: H·HeadDim.</summary>
    public int AttentionSize => QueryHeads * HeadDim;

    /// <summary>The attention of one layer.</summary>
    public AttentionShape Attention(int layer) =>
        new(QueryHeads, KeyValueHeads, HeadDim, 1 / MathF.Sqrt(HeadDim), Windows[layer]);

    /// <summary>Reads a Hugging Face <c>config.json</c>, of the style of transformers 4 or 5.</summary>
    /// <param name="path">Where it was read, for messages.</param>
    /// <exception cref="CheckpointException">
    /// Keys are missing, unknown, or have values that ask for what this family does not compute: all of them are named.
    /// </exception>
    public static LlamaConfig Parse(JsonObject config, string path) => LlamaConfigParser.Parse(config, path);

    /// <summary>The configuration in the layout of Hugging Face's transformers 4, which transformers 5 reads as well.</summary>
    public JsonObject ToJson() => LlamaConfigWriter.Write(this);
}
