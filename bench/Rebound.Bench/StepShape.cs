using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Models;

namespace Rebound.Bench;

/// <summary>A Llama whose training step is measured, of random weights, with tied embeddings.</summary>
/// <param name="Tokens">Of a step.</param>
/// <param name="Document">Tokens of each document.</param>
internal sealed record StepShape(
    string Name, int Tokens, int Layers, int Hidden, int Feed, int Heads, int KvHeads, int Vocabulary, double RopeBase, int Document = 256)
{
    public static readonly StepShape[] All =
    [
        new("llama-15m", 1024, Layers: 6, Hidden: 288, Feed: 768, Heads: 6, KvHeads: 6, Vocabulary: 32000, RopeBase: 10000),
        new("smollm2-135m", 512, Layers: 30, Hidden: 576, Feed: 1536, Heads: 9, KvHeads: 3, Vocabulary: 49152, RopeBase: 100000),
    ];

    /// <summary>What a peer is told.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public LlamaConfig ToConfig() => LlamaConfig.Parse(
        new JsonObject
        {
            ["model_type"] = "llama",
            ["hidden_size"] = Hidden,
            ["intermediate_size"] = Feed,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KvHeads,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 2048,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = RopeBase,
            ["tie_word_embeddings"] = true,
            ["hidden_act"] = "silu",
        },
        Name);
}
