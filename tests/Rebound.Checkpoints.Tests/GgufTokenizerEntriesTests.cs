using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Checkpoints.Tests;

public sealed class GgufTokenizerEntriesTests
{
    [Theory]
    [InlineData("llama2", "tokenizers/llama2", 32000, "llama", "default")]
    [InlineData("llama3", "tokenizers/llama3", 128256, "gpt2", "llama-bpe")]
    [InlineData("qwen3", "tokenizers/qwen3", 151936, "gpt2", "qwen2")]
    [InlineData("smollm2", "models/smollm2-135m-instruct", 49152, "gpt2", "smollm")]
    public void Tokenizers_are_read_again_as_they_were(string golden, string folder, int rows, string model, string split)
    {
        var source = TokenizerSource.Open(Path.Combine(SharedData.Path(folder), "tokenizer.json"));
        var metadata = Metadata(source, rows);
        Assert.Equal(model, metadata.Text("tokenizer.ggml.model"));
        Assert.Equal(split, metadata.Text("tokenizer.ggml.pre"));
        Assert.Equal(rows, metadata.Length("tokenizer.ggml.tokens"));
        var tokenizer = Tokenizer.Parse(GgufTokenizer.WriteTokenizer(metadata));
        foreach (var line in File.ReadLines(SharedData.Path($"golden/tokens/{golden}.jsonl")))
        {
            var row = JsonNode.Parse(line)!;
            Assert.Equal(
                row["ids_with_special"]!.AsArray().Select(id => (int)id!), tokenizer.Encode((string)row["text"]!, addSpecialTokens: true));
        }

        var config = GgufTokenizer.WriteConfig(metadata);
        foreach (var key in (string[])["bos_token", "eos_token", "pad_token", "unk_token"])
        {
            Assert.Equal(source.SpecialToken(key, id: null), (string?)config[key] ?? "");
        }

        Assert.Equal((string?)source.Config["chat_template"], (string?)config["chat_template"]);
    }

    [Fact]
    public void A_published_files_own_entries_are_kept()
    {
        var path = SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        using var gguf = new GgufFile(path);
        var written = Metadata(TokenizerSource.Of(gguf), 49152);
        foreach (var key in gguf.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            Assert.Equal(gguf.Metadata[key], written[key]);
        }
    }

    [Fact]
    public void A_tokenizer_that_cannot_be_held_is_named()
    {
        Assert.Contains(
            "splits texts by 'Digits",
            Problem(json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }));
        Assert.Contains("normalizer 'NFKD", Problem(json => json["normalizer"] = new JsonObject { ["type"] = "NFKD" }));
        Assert.Contains("has 258 tokens", Problem(_ => { }, rows: 200));
        Assert.Contains("puts 2 tokens around", Problem(json => json["post_processor"] = JsonNode.Parse(
            """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|im_start|>","type_id":0}},
            {"SpecialToken":{"id":"<|im_end|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},
            {"Sequence":{"id":"B","type_id":0}}],"special_tokens":{"<|im_start|>":{"id":"<|im_start|>","ids":[256],"tokens":["<|im_start|>"]},
            "<|im_end|>":{"id":"<|im_end|>","ids":[257],"tokens":["<|im_end|>"]}}}
            """)));
    }

    private static GgufMetadata Metadata(TokenizerSource source, int rows)
    {
        var entries = new GgufEntries();
        entries.Add("general.architecture", "llama");
        int[] ends = source.Tokenizer.TryGetId(source.SpecialToken("eos_token", id: null), out var id) ? [id] : [];
        new TokenizerEntries(source, rows, ends, "m").AddTo(entries);
        return entries.Read("m.gguf");
    }

    private static string Problem(Action<JsonObject> change, int rows = 258)
    {
        var json = ByteTokenizer.Json();
        change(json);
        return Assert.Throws<CheckpointException>(
            () => Metadata(TokenizerSource.Of(json, ByteTokenizer.ConfigJson()), rows)).Message;
    }
}
