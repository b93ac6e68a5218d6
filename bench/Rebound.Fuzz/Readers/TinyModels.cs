using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Checkpoints;
using Rebound.Models.Tests;
using Rebound.Testing;

namespace Rebound.Fuzz.Readers;

/// <summary>Random models of a few kilobytes, whole with tokenizer and template.</summary>
internal static class TinyModels
{
    public static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 32,
        FeedForwardSize = 32,
        Layers = 1,
        QueryHeads = 2,
        KeyValueHeads = 1,
        HeadDim = 16,
        VocabularySize = ByteTokenizer.VocabularySize,
        MaxPositions = 64,
        Windows = [0],
        TieWordEmbeddings = true,
        BosTokenId = 1,
        EosTokenIds = [257],
    };

    /// <summary>Writes a model's folder.</summary>
    /// <param name="shardBytes">Bytes of a file of weights at most.</param>
    public static string Write(string folder, long shardBytes = long.MaxValue)
    {
        using var backend = new CpuBackend(1);
        using var model = LlamaModel.Initialize(backend, Config, seed: 3);
        var options = new HuggingFaceFolderOptions { MaxShardBytes = shardBytes, Type = StoredFloatType.BF16 };
        HuggingFaceFolder.Write(folder, Config.ToJson(), model.Weights, TokenizerSource.Of(ByteTokenizer.Json(), ByteTokenizer.ConfigJson()), options);
        return folder;
    }

    /// <summary>Writes an adapter's folder.</summary>
    public static string WriteAdapter(string folder)
    {
        using var backend = new CpuBackend(1);
        var settings = new LoraSettings { Rank = 2, Alpha = 4 };
        using var adapter = LoraAdapter.Initialize(backend, Config, settings, 3);
        AdapterFolder.Write(folder, adapter, "model");
        return folder;
    }

    /// <summary>A model's folder as one GGUF file, with a tokenizer of bytes and a template.</summary>
    public static GgufBuilder Gguf(string folder)
    {
        var vocabulary = ByteTokenizer.Json()["model"]!["vocab"]!.AsObject().Select(token => token.Key)
            .Append(ByteTokenizer.TurnStart).Append(ByteTokenizer.TurnEnd).ToArray();
        return GgufModels.FromFolder(WithRopeParameters(folder))
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "smollm")
            .Set("tokenizer.ggml.tokens", vocabulary)
            .Set("tokenizer.ggml.token_type", vocabulary.Select((_, id) => id < 256 ? 1 : 3).ToArray())
            .Set("tokenizer.ggml.merges", Array.Empty<string>())
            .Set("tokenizer.ggml.eos_token_id", 257u)
            .Set("tokenizer.chat_template", ByteTokenizer.ChatTemplate);
    }

    /// <summary>The folder with the rotary settings under the newer of their two names, which the writer of GGUF files reads.</summary>
    private static string WithRopeParameters(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 10000.0 };
        var other = Directory.CreateDirectory($"{folder}-rope").FullName;
        File.WriteAllText(Path.Combine(other, "config.json"), config.ToJsonString());
        File.Copy(Path.Combine(folder, "model.safetensors"), Path.Combine(other, "model.safetensors"), overwrite: true);
        return other;
    }
}
