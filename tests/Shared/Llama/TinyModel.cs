using System.Text.Json.Nodes;
using Rebound.Models;

namespace Rebound.Testing;

/// <summary>Configurations of random models that are small enough for a test.</summary>
internal static class TinyModel
{
    public const int Vocabulary = 61;

    public static LlamaConfig Config(string type = "llama", Action<JsonObject>? change = null) =>
        LlamaConfig.Parse(Json(type, change), "config.json");

    public static JsonObject Json(string type = "llama", Action<JsonObject>? change = null)
    {
        var json = new JsonObject
        {
            ["model_type"] = type,
            ["hidden_size"] = 32,
            ["intermediate_size"] = 48,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["head_dim"] = 8,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 256,
            ["sliding_window"] = null,
            ["initializer_range"] = 0.2,
            ["eos_token_id"] = 2,
        };
        change?.Invoke(json);
        return json;
    }

    /// <summary>Token ids below the vocabulary, the same for the same seed.</summary>
    public static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }
}
