using System.Text.Json.Nodes;

namespace Rebound.Models.Configuration;

/// <summary><see cref="LlamaConfig"/> → <c>config.json</c>, the inverse of <see cref="LlamaConfigParser"/>.</summary>
internal static class LlamaConfigWriter
{
    public static JsonObject Write(LlamaConfig config)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray($"{config.Variant}ForCausalLM"),
            ["model_type"] = config.Variant.ToString().ToLowerInvariant(),
            ["attention_dropout"] = 0.0,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenIds.Length switch
            {
                0 => null,
                1 => config.EosTokenIds[0],
                _ => new JsonArray([.. config.EosTokenIds.Select(id => JsonValue.Create(id))]),
            },
            ["pad_token_id"] = config.PadTokenId,
            ["head_dim"] = config.HeadDim,
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["initializer_range"] = config.InitializerRange,
            ["intermediate_size"] = config.FeedForwardSize,
            ["max_position_embeddings"] = config.MaxPositions,
            ["num_attention_heads"] = config.QueryHeads,
            ["num_hidden_layers"] = config.Layers,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.Rope.Theta,
            ["rope_scaling"] = Scaling(config.Rope),
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["torch_dtype"] = "float32",
            ["use_cache"] = true,
            ["vocab_size"] = config.VocabularySize,
        };
        AddBiases(json, config);
        AddWindows(json, config);
        return json;
    }

    private static void AddBiases(JsonObject json, LlamaConfig config)
    {
        if (config.Variant is LlamaVariant.Llama or LlamaVariant.Qwen3)
        {
            json["attention_bias"] = config.QueryKeyValueBias;
        }

        if (config.Variant == LlamaVariant.Llama)
        {
            json["mlp_bias"] = config.FeedForwardBias;
        }
    }

    private static void AddWindows(JsonObject json, LlamaConfig config)
    {
        if (config.Variant == LlamaVariant.Llama)
        {
            return;
        }

        var window = config.Windows.Max();
        json["sliding_window"] = window == 0 ? null : window;
        if (config.Variant is LlamaVariant.Qwen2 or LlamaVariant.Qwen3)
        {
            json["use_sliding_window"] = window > 0;
            json["layer_types"] = new JsonArray(
                [.. config.Windows.Select(size => JsonValue.Create(size > 0 ? "sliding_attention" : "full_attention"))]);
        }
    }

    private static JsonObject? Scaling(RopeSettings rope) => rope.Scaling switch
    {
        RopeScaling.Linear => new JsonObject { ["rope_type"] = "linear", ["type"] = "linear", ["factor"] = rope.Factor },
        RopeScaling.Llama3 => new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = rope.Factor,
            ["low_freq_factor"] = rope.LowFrequencyFactor,
            ["high_freq_factor"] = rope.HighFrequencyFactor,
            ["original_max_position_embeddings"] = rope.OriginalMaxPositions,
        },
        _ => null,
    };
}
