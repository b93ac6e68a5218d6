namespace Rebound.Checkpoints;

/// <summary>Names of parameters: Hugging Face's, but for the two fused matrices, which it does not have.</summary>
public static class ParameterNames
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";
    public const string QueryKeyValue = "qkv_proj";
    public const string GateUp = "gate_up_proj";
    public const string QueryNorm = "q_norm.weight";
    public const string KeyNorm = "k_norm.weight";

    public const string Output = "o_proj";
    public const string Down = "down_proj";

    public static string AttentionNorm(int layer) => $"model.layers.{layer}.input_layernorm.weight";

    public static string FeedForwardNorm(int layer) => $"model.layers.{layer}.post_attention_layernorm.weight";

    public static string Attention(int layer) => $"model.layers.{layer}.self_attn.";

    public static string FeedForward(int layer) => $"model.layers.{layer}.mlp.";

    /// <summary>Whether a checkpoint's tensor is the matrix of a linear layer of a block.</summary>
    public static bool IsLinear(string name) => name.EndsWith("_proj.weight", StringComparison.Ordinal);

    /// <summary>Whether it is one of the rotary frequencies that old checkpoints store, which the configuration determines.</summary>
    public static bool IsBuffer(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
