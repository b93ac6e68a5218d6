using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;

namespace Rebound.Models.Configuration;

/// <summary>
/// <c>config.json</c> → <see cref="LlamaConfig"/>. What is absent gets the default of transformers' configuration class
/// of that <c>model_type</c>.
/// </summary>
internal static class LlamaConfigParser
{
    /// <summary>Whether the head is the embedding's own matrix.</summary>
    public const string TieKey = "tie_word_embeddings";

    // Far above any model. What is beyond them is a mistake, whose weights would be counted wrongly or named for hours.
    private const int MostLayers = 4096;
    private const int MostHeads = 1 << 14;
    private const int MostHeadDim = 1 << 12;
    private const int MostWidth = 1 << 20;
    private const int MostTokens = 1 << 26;

    public static LlamaConfig Parse(JsonObject json, string path)
    {
        var problems = new List<string>();
        var reader = new ConfigReader(json, problems);
        if (ReadVariant(reader) is not { } variant)
        {
            throw Failure(path, problems);
        }

        var config = Read(reader, variant, problems);
        foreach (var key in InertKeys.Always)
        {
            reader.Ignore(key);
        }

        foreach (var (key, value, because) in InertKeys.OnlyAs)
        {
            reader.Only(key, value, because);
        }

        reader.ReportUnread();
        return problems.Count == 0 ? config : throw Failure(path, problems);
    }

    private static LlamaVariant? ReadVariant(ConfigReader reader)
    {
        var type = reader.Text("model_type");
        LlamaVariant? variant = type switch
        {
            "llama" => LlamaVariant.Llama,
            "mistral" => LlamaVariant.Mistral,
            "qwen2" => LlamaVariant.Qwen2,
            "qwen3" => LlamaVariant.Qwen3,
            _ => null,
        };
        if (variant is null)
        {
            reader.Problem("model_type", type is null
                ? "is missing: llama, mistral, qwen2 and qwen3 are supported"
                : $"is \"{type}\": only llama, mistral, qwen2 and qwen3 are supported");
        }

        return variant;
    }

    private static LlamaConfig Read(ConfigReader reader, LlamaVariant variant, List<string> problems)
    {
        var (hidden, heads) = (reader.RequiredCount("hidden_size", MostWidth), reader.RequiredCount("num_attention_heads", MostHeads));
        var layers = reader.RequiredCount("num_hidden_layers", MostLayers);
        var (queryKeyValueBias, outputBias) = ReadAttentionBias(reader, variant);
        CheckArchitecture(reader, variant);
        CheckActivation(reader);
        CheckQuantization(reader);
        return new LlamaConfig
        {
            Variant = variant,
            HiddenSize = hidden,
            FeedForwardSize = reader.RequiredCount("intermediate_size", MostWidth),
            Layers = layers,
            QueryHeads = heads,
            KeyValueHeads = ReadKeyValueHeads(reader, variant, heads),
            HeadDim = ReadHeadDim(reader, variant, hidden, heads),
            VocabularySize = reader.RequiredCount("vocab_size", MostTokens),
            MaxPositions = reader.Count("max_position_embeddings", variant switch
            {
                LlamaVariant.Llama => 2048,
                LlamaVariant.Mistral => 131072,
                _ => 32768,
            }),
            RmsNormEpsilon = reader.Number("rms_norm_eps", 1e-6f),
            Rope = RopeParser.Read(reader, problems),
            QueryKeyValueBias = queryKeyValueBias,
            OutputBias = outputBias,
            FeedForwardBias = ReadFeedForwardBias(reader, variant),
            TieWordEmbeddings = reader.Flag(TieKey, false),
            Windows = [.. WindowParser.Read(reader, variant, layers)],
            BosTokenId = reader.TokenId("bos_token_id"),
            EosTokenIds = [.. reader.TokenIds("eos_token_id")],
            PadTokenId = reader.TokenId("pad_token_id"),
            InitializerRange = reader.Number("initializer_range", 0.02f, zeroAllowed: true),
        };
    }

    private static int ReadKeyValueHeads(ConfigReader reader, LlamaVariant variant, int heads)
    {
        const string Key = "num_key_value_heads";
        var absent = variant switch { LlamaVariant.Llama => heads, LlamaVariant.Mistral => 8, _ => 32 };
        var count = reader.Count(Key, reader.Has(Key) ? heads : absent);
        if (heads % count != 0)
        {
            reader.Problem(Key, $"is {count}, which does not divide num_attention_heads ({heads})");
        }

        return count;
    }

    private static int ReadHeadDim(ConfigReader reader, LlamaVariant variant, int hidden, int heads)
    {
        const string Key = "head_dim";
        var derived = variant == LlamaVariant.Qwen3 && !reader.Has(Key) ? 128 : hidden / heads;
        if (reader.Node(Key) is null && derived == hidden / heads && hidden % heads != 0)
        {
            reader.Problem("hidden_size", $"is {hidden}, not a multiple of num_attention_heads ({heads}), and head_dim is not given");
        }

        var size = reader.Count(Key, derived, MostHeadDim);
        if (size % 2 != 0)
        {
            reader.Problem(Key, $"is {size}: rotary embeddings need an even head size");
        }

        return size;
    }

    private static (bool QueryKeyValue, bool Output) ReadAttentionBias(ConfigReader reader, LlamaVariant variant)
    {
        const string Key = "attention_bias";
        switch (variant)
        {
            case LlamaVariant.Mistral:
                reader.Only(Key, "false", "as Mistral has no attention biases");
                return (false, false);
            case LlamaVariant.Qwen2:
                reader.Only(Key, "true", "as Qwen2 always has query, key and value biases");
                return (true, false);
            default:
                var bias = reader.Flag(Key, false);
                return (bias, bias);
        }
    }

    private static bool ReadFeedForwardBias(ConfigReader reader, LlamaVariant variant)
    {
        if (variant == LlamaVariant.Llama)
        {
            return reader.Flag("mlp_bias", false);
        }

        reader.Only("mlp_bias", "false", "as only Llama has feed-forward biases");
        return false;
    }

    private static void CheckActivation(ConfigReader reader)
    {
        if (reader.Text("hidden_act") is { } name and not ("silu" or "swish"))
        {
            reader.Problem("hidden_act", $"is \"{name}\": only \"silu\" is supported");
        }
    }

    private static void CheckQuantization(ConfigReader reader)
    {
        const string Key = "quantization_config";
        if (reader.Node(Key) is { } node)
        {
            var method = (node as JsonObject)?["quant_method"]?.ToString();
            reader.Problem(
                Key,
                $"says that the weights are quantized{(method is null ? "" : $" by {method}")}, which is read from GGUF files only: take "
                    + "the model as it was before, or a .gguf file of it");
        }
    }

    private static void CheckArchitecture(ConfigReader reader, LlamaVariant variant)
    {
        if (reader.Node("architectures") is not { } node)
        {
            return;
        }

        var allowed = $"{variant}ForCausalLM";
        if (node is not JsonArray list || list.Any(name => name?.ToString() != allowed))
        {
            reader.Problem("architectures", $"is {node.ToJsonString()}: only [\"{allowed}\"] is supported for this model_type");
        }
    }

    private static CheckpointException Failure(string path, List<string> problems) =>
        new(path, null, "the model configuration is not supported: " + string.Join("; ", problems) + ".");
}
