using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>Writes the <c>config.json</c> that Hugging Face would have for a GGUF file of the Llama family.</summary>
internal static class GgufConfig
{
    private static readonly Dictionary<string, string> Classes = new()
    {
        ["llama"] = "LlamaForCausalLM",
        ["qwen2"] = "Qwen2ForCausalLM",
        ["qwen3"] = "Qwen3ForCausalLM",
    };

    /// <summary>Keys of an architecture that the configuration is made from; any other may change the computation.</summary>
    private static readonly HashSet<string> Understood =
    [
        "block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size",
        "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length",
        "attention.layer_norm_rms_epsilon", "attention.sliding_window", "attention.causal",
        "rope.freq_base", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
        "rope.scaling.original_context_length", "rope.scaling.finetuned", "expert_count", "expert_used_count",
        "tensor_data_layout",
    ];

    /// <summary>The architecture's name, checked to be one that is read.</summary>
    /// <exception cref="CheckpointException">It is absent or another.</exception>
    public static string Architecture(GgufMetadata metadata)
    {
        const string Key = "general.architecture";
        var architecture = metadata.RequiredText(Key);
        return Classes.ContainsKey(architecture)
            ? architecture
            : throw metadata.Bad(Key, $"is '{architecture}'; read are {string.Join(", ", Classes.Keys)}.");
    }

    /// <param name="ropeFactors">The values of <c>rope_freqs.weight</c>, [HeadDim/2], or null when the file has none.</param>
    /// <exception cref="CheckpointException">A key is absent, wrong, or asks for what is not supported.</exception>
    public static JsonObject Write(GgufHeader header, float[]? ropeFactors)
    {
        var metadata = header.Metadata;
        var architecture = Architecture(metadata);
        var prefix = architecture + ".";
        Check(metadata, prefix);
        var hidden = metadata.RequiredCount(prefix + "embedding_length");
        var heads = metadata.RequiredCount(prefix + "attention.head_count");
        var headDim = HeadDim(metadata, prefix, hidden, heads);
        var ropeBase = metadata.Number(prefix + "rope.freq_base") ?? 10000;
        var window = metadata.Count(prefix + "attention.sliding_window") ?? 0;
        if (window != 0 && architecture != "llama")
        {
            throw metadata.Bad(prefix + "attention.sliding_window", $"is {window}; windows are read for llama only.");
        }

        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(window == 0 ? Classes[architecture] : "MistralForCausalLM"),
            ["model_type"] = window == 0 ? architecture : "mistral",
            ["hidden_act"] = "silu",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = metadata.RequiredCount(prefix + "feed_forward_length"),
            ["num_hidden_layers"] = metadata.RequiredCount(prefix + "block_count"),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = metadata.Count(prefix + "attention.head_count_kv") ?? heads,
            ["max_position_embeddings"] = metadata.RequiredCount(prefix + "context_length"),
            ["rms_norm_eps"] = metadata.RequiredNumber(prefix + "attention.layer_norm_rms_epsilon"),
            ["rope_theta"] = ropeBase,
            ["rope_scaling"] = RopeScaling(metadata, prefix, ropeFactors, ropeBase, headDim),
            ["tie_word_embeddings"] = !header.Tensors.ContainsKey(GgufNames.Head),
            ["vocab_size"] = VocabularySize(header, prefix),
        };
        if (architecture == "qwen3" || headDim * heads != hidden)
        {
            config["head_dim"] = headDim;
        }

        if (window != 0)
        {
            config["sliding_window"] = window;
        }
        else if (architecture == "llama")
        {
            config["attention_bias"] = header.Tensors.ContainsKey(GgufNames.FirstQueryBias);
            config["mlp_bias"] = header.Tensors.ContainsKey(GgufNames.FirstGateBias);
        }

        AddTokenIds(config, metadata);

        // Through text, so that every number is read back as whatever type its reader asks for.
        return JsonNode.Parse(config.ToJsonString())!.AsObject();
    }

    private static void Check(GgufMetadata metadata, string prefix)
    {
        foreach (var key in metadata.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (!Understood.Contains(key[prefix.Length..]))
            {
                throw metadata.Bad(key, "is not known and may change what the model computes.");
            }
        }

        if (metadata.Count(prefix + "expert_count") is > 0 and var experts)
        {
            throw metadata.Bad(prefix + "expert_count", $"is {experts}; mixtures of experts are not supported.");
        }

        if (metadata.Flag(prefix + "attention.causal") == false)
        {
            throw metadata.Bad(prefix + "attention.causal", "is false; only causal attention is supported.");
        }
    }

    private static int HeadDim(GgufMetadata metadata, string prefix, int hidden, int heads)
    {
        if (heads == 0)
        {
            throw metadata.Bad(prefix + "attention.head_count", "is 0.");
        }

        var headDim = metadata.Count(prefix + "attention.key_length") ?? hidden / heads;
        foreach (var key in (string[])["attention.value_length", "rope.dimension_count"])
        {
            if (metadata.Count(prefix + key) is { } other && other != headDim)
            {
                throw metadata.Bad(prefix + key, $"is {other}; only the size of a key head, {headDim}, is supported.");
            }
        }

        return headDim;
    }

    private static int VocabularySize(GgufHeader header, string prefix)
    {
        if (!header.Tensors.TryGetValue(GgufNames.Embedding, out var embedding))
        {
            throw new CheckpointException(header.Metadata.Path, GgufNames.Embedding, "It is absent.");
        }

        if (header.Metadata.Count(prefix + "vocab_size") is { } size && size != embedding.Shape[0])
        {
            throw header.Metadata.Bad(prefix + "vocab_size", $"is {size}, but the embedding has {embedding.Shape[0]} rows.");
        }

        return (int)Math.Min(int.MaxValue, embedding.Shape[0]);
    }

    private static JsonObject? RopeScaling(
        GgufMetadata metadata, string prefix, float[]? ropeFactors, double ropeBase, int headDim)
    {
        var key = prefix + "rope.scaling.type";
        var type = metadata.Text(key) ?? (metadata.Has(prefix + "rope.scale_linear") ? "linear" : "none");
        if (type is not ("none" or "linear"))
        {
            throw metadata.Bad(key, $"is '{type}'; supported are none, linear, and llama3 by its {GgufNames.RopeFactors}.");
        }

        var factor = metadata.Number(prefix + "rope.scaling.factor") ?? metadata.Number(prefix + "rope.scale_linear") ?? 1;
        var linear = type == "linear" && factor != 1;
        if (ropeFactors is null)
        {
            return linear ? new JsonObject { ["rope_type"] = "linear", ["factor"] = factor } : null;
        }

        if (linear)
        {
            throw metadata.Bad(key, $"is linear, and {GgufNames.RopeFactors} scales too; only one of them is supported.");
        }

        if (ropeFactors.Length != headDim / 2)
        {
            throw new CheckpointException(
                metadata.Path, GgufNames.RopeFactors, $"It has {ropeFactors.Length} values; heads of {headDim} take {headDim / 2}.");
        }

        return RopeFactors.ToScaling(ropeFactors, ropeBase, metadata.Path);
    }

    private static void AddTokenIds(JsonObject config, GgufMetadata metadata)
    {
        if (GgufSpecialTokens.Find(metadata, "bos") is { } bos)
        {
            config["bos_token_id"] = bos;
        }

        var ends = GgufSpecialTokens.FindEnds(metadata);
        if (ends.Length > 0)
        {
            config["eos_token_id"] = ends.Length == 1 ? ends[0] : new JsonArray([.. ends.Select(id => JsonValue.Create(id))]);
        }

        if (GgufSpecialTokens.Find(metadata, "padding") is { } padding)
        {
            config["pad_token_id"] = padding;
        }
    }
}
