using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Checkpoints.Tests;

public sealed class GgufTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_published_models_tokenizer_is_the_one_in_its_folder()
    {
        using var gguf = new GgufFile(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        var expected = Parse(SharedData.Path("models/smollm2-135m-instruct/tokenizer.json"));
        var written = JsonNode.Parse(gguf.ReadTokenizer().ToJsonString())!.AsObject();
        foreach (var (key, value) in expected)
        {
            Assert.True(JsonNode.DeepEquals(value, written[key]), $"{key} differs");
        }

        var config = gguf.ReadTokenizerConfig();
        var expectedConfig = Parse(SharedData.Path("models/smollm2-135m-instruct/tokenizer_config.json"));
        foreach (var key in (string[])["bos_token", "eos_token", "unk_token", "pad_token", "chat_template", "model_max_length"])
        {
            Assert.Equal(expectedConfig[key]!.ToJsonString(), config[key]!.ToJsonString());
        }

        AssertEncodes(gguf, "golden/tokens/smollm2.jsonl");
    }

    [Theory]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("qwen3", "qwen2")]
    public void Byte_level_vocabularies_encode_as_the_tokenizer_they_came_from(string tokenizer, string split)
    {
        var json = Parse(SharedData.Path($"tokenizers/{tokenizer}/tokenizer.json"));
        var (tokens, kinds) = Tokens(json);
        var merges = json["model"]!["merges"]!.AsArray().Select(
            merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : merge!.GetValue<string>()).ToArray();
        var builder = GgufBuilder.Tiny()
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", split)
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", kinds)
            .Set("tokenizer.ggml.merges", merges)
            .Set("tokenizer.ggml.add_bos_token", false);
        using var gguf = new GgufFile(_folder.Write("m.gguf", builder.Build()));
        AssertEncodes(gguf, $"golden/tokens/{tokenizer}.jsonl");
    }

    [Fact]
    public void Sentence_piece_scores_become_the_merges_that_they_came_from()
    {
        using var gguf = new GgufFile(_folder.Write("m.gguf", SentencePiece().Build()));
        var expected = Parse(SharedData.Path("tokenizers/llama2/tokenizer.json"));
        var written = JsonNode.Parse(gguf.ReadTokenizer().ToJsonString())!.AsObject();
        foreach (var key in (string[])["normalizer", "pre_tokenizer", "decoder", "added_tokens", "post_processor"])
        {
            Assert.True(JsonNode.DeepEquals(expected[key], written[key]), $"{key}: {written[key]?.ToJsonString()}");
        }

        Assert.Equal(
            expected["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>()),
            written["model"]!["merges"]!.AsArray().Select(merge => $"{merge![0]} {merge[1]}"));
        AssertEncodes(gguf, "golden/tokens/llama2.jsonl");
    }

    [Fact]
    public void Bos_and_eos_are_added_as_the_file_says()
    {
        var builder = Small().Set("tokenizer.ggml.add_eos_token", true);
        Assert.Equal([1, 5, 2], Encode(builder));
        Assert.Equal([5], Encode(Small().Set("tokenizer.ggml.add_bos_token", false)));
        Assert.Equal([1, 4], Encode(Small().Set("tokenizer.ggml.add_space_prefix", false)));
        builder = Small().Remove("tokenizer.ggml.bos_token_id");
        Assert.Contains("bos_token_id' is absent", Problem(builder));

        int[] Encode(GgufBuilder gguf)
        {
            using var file = new GgufFile(_folder.Write("m.gguf", gguf.Build()));
            return Tokenizer.Parse(file.ReadTokenizer()).Encode("a", addSpecialTokens: true);
        }
    }

    [Theory]
    [InlineData("bos", 6u)]
    [InlineData("bos", uint.MaxValue)]
    [InlineData("eos", 6u)]
    [InlineData("unknown", 99u)]
    [InlineData("eot", uint.MaxValue)]
    public void An_id_that_is_no_token_is_left_out_and_said(string role, uint id)
    {
        var key = $"tokenizer.ggml.{role}_token_id";
        using var file = new GgufFile(_folder.Write("m.gguf", Small().Set(key, id).Set("tokenizer.ggml.add_eos_token", true).Build()));
        Assert.Contains($"'{key}' is {(id == uint.MaxValue ? -1 : id)}, and there is no such token", Assert.Single(file.Warnings));
        var tokenizer = Tokenizer.Parse(file.ReadTokenizer());
        Assert.Equal(role switch { "bos" => [5, 2], "eos" => [1, 5], _ => [1, 5, 2] }, tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Equal(role == "eos", file.ReadTokenizerConfig()["eos_token"] is null);
    }

    [Theory]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("dbrx", "smaug-bpe")]
    [InlineData("megrez", "qwen2")]
    [InlineData("hunyuan", "deepseek-r1-qwen")]
    [InlineData("starcoder", "smollm")]
    [InlineData("olmo", "gpt-2")]
    public void Names_of_one_split_are_read_alike(string name, string other) => Assert.Equal(Split(other), Split(name));

    private string Split(string name)
    {
        var builder = Small().Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.merges", new[] { "▁ a" })
            .Set("tokenizer.ggml.pre", name);
        using var file = new GgufFile(_folder.Write("m.gguf", builder.Build()));
        return file.ReadTokenizer().ToJsonString();
    }

    [Fact]
    public void Named_templates_are_kept()
    {
        var builder = Small()
            .Set("tokenizer.chat_template", "plain")
            .Set("tokenizer.chat_templates", new[] { "tool_use" })
            .Set("tokenizer.chat_template.tool_use", "tools");
        using var file = new GgufFile(_folder.Write("m.gguf", builder.Build()));
        Assert.Equal(
            """[{"name":"default","template":"plain"},{"name":"tool_use","template":"tools"}]""",
            file.ReadTokenizerConfig()["chat_template"]!.ToJsonString());
    }

    [Fact]
    public void A_tokenizer_that_is_not_known_or_contradicts_itself_is_named()
    {
        Assert.Contains("'tokenizer.ggml.tokens' is absent", Problem(GgufBuilder.Tiny()));
        Assert.Contains("is 'bert'", Problem(Small().Set("tokenizer.ggml.model", "bert")));
        Assert.Contains(
            "'tokenizer.ggml.pre' is absent",
            Problem(Small().Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.merges", new[] { "a ▁" })));
        Assert.Contains("has 2 entries for 6 tokens", Problem(Small().Set("tokenizer.ggml.scores", new[] { 1f, 2f })));
        Assert.Contains("has 1 entries for 6 tokens", Problem(Small().Set("tokenizer.ggml.token_type", new[] { 1 })));
        Assert.Contains("holds 7 for token 0", Problem(Small().Set("tokenizer.ggml.token_type", new[] { 7, 1, 1, 1, 1, 1 })));
        Assert.Contains("'a' twice", Problem(Small().Set("tokenizer.ggml.tokens", new[] { "a", "b", "a", "c", "d", "e" })));
        Assert.Contains("not an array of strings", Problem(Small().Set("tokenizer.ggml.tokens", new[] { 1, 2 })));
        Assert.Contains("charsmap", Problem(Small().Set("tokenizer.ggml.precompiled_charsmap", new[] { 1 })));
        var gpt2 = Small().Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "llama-bpe");
        Assert.Contains("'tokenizer.ggml.merges' is absent", Problem(gpt2));
        Assert.Contains("not two tokens", Problem(gpt2.Set("tokenizer.ggml.merges", new[] { "a" })));
        Assert.Contains("not two tokens", Problem(gpt2.Set("tokenizer.ggml.merges", new[] { "a q" })));
        Assert.Contains("gives no token", Problem(gpt2.Set("tokenizer.ggml.merges", new[] { "a a" })));
        Assert.Contains("is 'falcon'", Problem(gpt2.Set("tokenizer.ggml.merges", new[] { "▁ a" }).Set("tokenizer.ggml.pre", "falcon")));
    }

    private string Problem(GgufBuilder builder)
    {
        using var file = new GgufFile(_folder.Write("m.gguf", builder.Build()));
        return Assert.Throws<CheckpointException>(() => file.ReadTokenizer()).Message;
    }

    private static void AssertEncodes(GgufFile gguf, string golden)
    {
        var tokenizer = Tokenizer.Parse(gguf.ReadTokenizer());
        foreach (var line in File.ReadLines(SharedData.Path(golden)))
        {
            var row = JsonNode.Parse(line)!;
            var ids = row["ids"]!.AsArray().Select(id => id!.GetValue<int>()).ToArray();
            Assert.Equal(ids, tokenizer.Encode(row["text"]!.GetValue<string>()));
            Assert.Equal(
                row["ids_with_special"]!.AsArray().Select(id => id!.GetValue<int>()),
                tokenizer.Encode(row["text"]!.GetValue<string>(), addSpecialTokens: true));
            Assert.Equal(row["decoded"]!.GetValue<string>(), tokenizer.Decode(ids));
        }
    }

    /// <summary>Six tokens: two letters' worth of SentencePiece.</summary>
    private static GgufBuilder Small() => GgufBuilder.Tiny()
        .Set("tokenizer.ggml.model", "llama")
        .Set("tokenizer.ggml.tokens", new[] { "<unk>", "<s>", "</s>", "▁", "a", "▁a" })
        .Set("tokenizer.ggml.token_type", new[] { 2, 3, 3, 1, 1, 1 })
        .Set("tokenizer.ggml.scores", new[] { 0f, 0f, 0f, -2f, -3f, -1f })
        .Set("tokenizer.ggml.unknown_token_id", 0u)
        .Set("tokenizer.ggml.bos_token_id", 1u)
        .Set("tokenizer.ggml.eos_token_id", 2u);

    /// <summary>The Llama-2 tokenizer as a converter writes it: scores that fall in the order of the merges.</summary>
    private static GgufBuilder SentencePiece()
    {
        var json = Parse(SharedData.Path("tokenizers/llama2/tokenizer.json"));
        var (tokens, kinds) = Tokens(json);
        var rank = new Dictionary<string, int>();
        foreach (var merge in json["model"]!["merges"]!.AsArray())
        {
            rank.TryAdd(merge!.GetValue<string>().Replace(" ", "", StringComparison.Ordinal), rank.Count);
        }

        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id].StartsWith("<0x", StringComparison.Ordinal))
            {
                kinds[id] = 6;
            }
        }

        kinds[0] = 2;
        return GgufBuilder.Tiny()
            .Set("tokenizer.ggml.model", "llama")
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", kinds)
            .Set("tokenizer.ggml.scores", tokens.Select(token => -(float)rank.GetValueOrDefault(token, rank.Count)).ToArray())
            .Set("tokenizer.ggml.unknown_token_id", 0u)
            .Set("tokenizer.ggml.bos_token_id", 1u)
            .Set("tokenizer.ggml.eos_token_id", 2u)
            .Set("tokenizer.ggml.add_bos_token", true);
    }

    private static (string[] Tokens, int[] Kinds) Tokens(JsonObject tokenizer)
    {
        var byId = tokenizer["model"]!["vocab"]!.AsObject().ToDictionary(pair => pair.Value!.GetValue<int>(), pair => pair.Key);
        var added = tokenizer["added_tokens"]!.AsArray()
            .ToDictionary(token => token!["id"]!.GetValue<int>(), token => token!["special"]!.GetValue<bool>());
        foreach (var token in tokenizer["added_tokens"]!.AsArray())
        {
            byId[token!["id"]!.GetValue<int>()] = token["content"]!.GetValue<string>();
        }

        var tokens = Enumerable.Range(0, byId.Count).Select(id => byId[id]).ToArray();
        var kinds = Enumerable.Range(0, byId.Count)
            .Select(id => added.TryGetValue(id, out var special) ? (special ? 3 : 4) : 1).ToArray();
        return (tokens, kinds);
    }

    private static JsonObject Parse(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();
}
