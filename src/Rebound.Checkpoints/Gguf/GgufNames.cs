using System.Globalization;

namespace Rebound.Checkpoints.Gguf;

/// <summary>GGUF's tensor names and Hugging Face's, for the Llama family.</summary>
internal static class GgufNames
{
    /// <summary>The per-frequency divisors of llama3 RoPE scaling: a part of the configuration, not a parameter.</summary>
    public const string RopeFactors = "rope_freqs.weight";

    public const string Embedding = "token_embd.weight";

    public const string Head = "output.weight";

    public const string FirstQueryBias = "blk.0.attn_q.bias";

    public const string FirstGateBias = "blk.0.ffn_gate.bias";

    private static readonly Dictionary<string, string> OutsideOfBlocks = new()
    {
        [Embedding] = "model.embed_tokens.weight",
        ["output_norm.weight"] = "model.norm.weight",
        [Head] = "lm_head.weight",
    };

    private static readonly Dictionary<string, string> OfBlock = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>Hugging Face's name of a tensor, or null when this family has no such tensor.</summary>
    public static string? ToHuggingFace(string name)
    {
        if (OutsideOfBlocks.TryGetValue(name, out var outside))
        {
            return outside;
        }

        return name.Split('.') is ["blk", var block, var module, ("weight" or "bias") and var kind]
            && int.TryParse(block, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            && layer.ToString(CultureInfo.InvariantCulture) == block
            && OfBlock.TryGetValue(module, out var theirs)
                ? $"model.layers.{layer}.{theirs}.{kind}"
                : null;
    }

    /// <summary>GGUF's name of a tensor, or null when this family has no such tensor: the inverse of <see cref="ToHuggingFace"/>.</summary>
    public static string? ToGguf(string name)
    {
        if (OutsideOfBlocks.FirstOrDefault(pair => pair.Value == name).Key is { } outside)
        {
            return outside;
        }

        var (dot, end) = (name.LastIndexOf('.'), name.Split('.'));
        if (end is not ["model", "layers", var layer, .., ("weight" or "bias") and var kind])
        {
            return null;
        }

        var module = name[$"model.layers.{layer}.".Length..dot];
        return OfBlock.FirstOrDefault(pair => pair.Value == module).Key is { } ours ? $"blk.{layer}.{ours}.{kind}" : null;
    }

    /// <summary>Whether GGUF stores the rows of this tensor permuted within each head for architecture llama.</summary>
    public static bool IsQueryOrKey(string name) => name.Split('.') is ["blk", _, "attn_q" or "attn_k", _];

    /// <summary>Whether the rows of a query or key tensor belong to query heads.</summary>
    public static bool IsQuery(string name) => name.Contains("attn_q", StringComparison.Ordinal);
}
