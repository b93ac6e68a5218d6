using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Fuzz.Readers;

/// <summary>A tiny model as one GGUF file.</summary>
internal static class TinyGguf
{
    /// <summary>A model's folder as one GGUF file, with a tokenizer of bytes and a template.</summary>
    public static GgufBuilder Of(string folder)
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
