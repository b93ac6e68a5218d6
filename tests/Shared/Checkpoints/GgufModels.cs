using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Testing;

/// <summary>Turns small Hugging Face folders into GGUF files, as llama.cpp's converter lays them out.</summary>
internal static class GgufModels
{
    /// <summary>A complete GGUF of a folder with config.json and safetensors.</summary>
    public static GgufBuilder FromFolder(string folder)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        var architecture = config["model_type"]!.GetValue<string>() is "mistral" or "llama"
            ? "llama"
            : config["model_type"]!.GetValue<string>();
        var heads = config["num_attention_heads"]!.GetValue<int>();
        var keyValueHeads = config["num_key_value_heads"]!.GetValue<int>();
        var headDim = config["head_dim"]?.GetValue<int>() ?? config["hidden_size"]!.GetValue<int>() / heads;
        var rope = config["rope_parameters"]!.AsObject();
        var ropeBase = rope["rope_theta"]!.GetValue<double>();
        var builder = new GgufBuilder()
            .Set("general.architecture", architecture)
            .Set($"{architecture}.block_count", config["num_hidden_layers"]!.GetValue<uint>())
            .Set($"{architecture}.context_length", config["max_position_embeddings"]!.GetValue<uint>())
            .Set($"{architecture}.embedding_length", config["hidden_size"]!.GetValue<uint>())
            .Set($"{architecture}.feed_forward_length", config["intermediate_size"]!.GetValue<uint>())
            .Set($"{architecture}.attention.head_count", (uint)heads)
            .Set($"{architecture}.attention.head_count_kv", (uint)keyValueHeads)
            .Set($"{architecture}.attention.key_length", (uint)headDim)
            .Set($"{architecture}.attention.value_length", (uint)headDim)
            .Set($"{architecture}.attention.layer_norm_rms_epsilon", config["rms_norm_eps"]!.GetValue<float>())
            .Set($"{architecture}.rope.freq_base", (float)ropeBase)
            .Set("tokenizer.ggml.bos_token_id", 1u)
            .Set("tokenizer.ggml.eos_token_id", 2u);
        if (rope["rope_type"]!.GetValue<string>() == "llama3")
        {
            var divisors = Llama3Divisors(rope, ropeBase, headDim);
            builder.Add("rope_freqs.weight", [divisors.Length], divisors);
        }

        using var source = new SafetensorsFolder(folder);
        foreach (var (name, tensor) in source.Tensors)
        {
            var values = new float[tensor.Count];
            source.Read(name, values);
            var theirs = ToGguf(name);
            if (architecture == "llama" && theirs.Split('.') is [_, _, "attn_q" or "attn_k", _])
            {
                values = Permute(values, theirs.Contains("attn_q", StringComparison.Ordinal) ? heads : keyValueHeads, headDim);
            }

            builder.Add(theirs, [.. tensor.Shape], values);
        }

        return builder;
    }

    public static string ToGguf(string name)
    {
        (string, string)[] renames =
        [
            ("model.layers.", "blk."), ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"),
            ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
            ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
            ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
        ];
        return renames.Aggregate(name, (current, rename) => current.Replace(rename.Item1, rename.Item2, StringComparison.Ordinal));
    }

    /// <summary>transformers' formula, written from the frequencies' side: what the frequencies are divided by.</summary>
    public static float[] Llama3Divisors(JsonObject rope, double ropeBase, int headDim)
    {
        var factor = rope["factor"]!.GetValue<double>();
        var low = rope["low_freq_factor"]!.GetValue<double>();
        var high = rope["high_freq_factor"]!.GetValue<double>();
        var original = rope["original_max_position_embeddings"]!.GetValue<double>();
        return [.. Enumerable.Range(0, headDim / 2).Select(i =>
        {
            var wavelength = 2 * Math.PI * Math.Pow(ropeBase, 2.0 * i / headDim);
            var smooth = ((original / wavelength) - low) / (high - low);
            return (float)(wavelength < original / high ? 1
                : wavelength > original / low ? factor
                : 1 / (((1 - smooth) / factor) + smooth));
        })];
    }

    /// <summary>[heads, 2, HeadDim/2, columns] → [heads, HeadDim/2, 2, columns], as the converter does.</summary>
    private static float[] Permute(float[] values, int heads, int headDim)
    {
        var columns = values.Length / (heads * headDim);
        var permuted = new float[values.Length];
        for (var head = 0; head < heads; head++)
        {
            for (var half = 0; half < 2; half++)
            {
                for (var j = 0; j < headDim / 2; j++)
                {
                    var from = (head * headDim) + (half * (headDim / 2)) + j;
                    var to = (head * headDim) + (2 * j) + half;
                    values.AsSpan(from * columns, columns).CopyTo(permuted.AsSpan(to * columns));
                }
            }
        }

        return permuted;
    }
}
