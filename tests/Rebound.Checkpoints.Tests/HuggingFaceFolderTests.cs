using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_complete_and_a_tied_head_is_left_out()
    {
        Write(tied: true, new HuggingFaceFolderOptions { Type = StoredFloatType.BF16, MaxShardBytes = 16 });
        Assert.Equal(
            [
                "config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                "model.safetensors.index.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
            ],
            Directory.GetFiles(_folder.File("model")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        AssertJson(
            """{"model_type":"llama","tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":[2,3],"torch_dtype":"bfloat16"}""",
            "config.json");
        AssertJson("""{"_from_model_config":true,"bos_token_id":1,"eos_token_id":[2,3]}""", "generation_config.json");
        AssertJson("""{"eos_token":"<e>"}""", "special_tokens_map.json");
        using var tensors = new SafetensorsFolder(_folder.File("model"));
        Assert.Equal(["model.embed_tokens.weight", "model.norm.weight"], tensors.Tensors.Keys.Order());
        Assert.Empty(Directory.GetDirectories(_folder.Path, ".*"));
    }

    [Fact]
    public void An_untied_head_is_written()
    {
        Write(tied: false, new HuggingFaceFolderOptions());
        using var tensors = new SafetensorsFolder(_folder.File("model"));
        Assert.Contains("lm_head.weight", tensors.Tensors.Keys);
    }

    [Fact]
    public void What_is_there_is_kept_unless_it_is_a_model_to_overwrite()
    {
        Directory.CreateDirectory(_folder.File("model"));
        Write(tied: true, new HuggingFaceFolderOptions());
        Assert.Contains("exists already", Assert.Throws<IOException>(() => Write(true, new HuggingFaceFolderOptions())).Message);
        _folder.Write("model/left.txt", "over");
        Write(tied: false, new HuggingFaceFolderOptions { Overwrite = true });
        Assert.False(File.Exists(_folder.File("model/left.txt")));

        File.Delete(_folder.File("model/config.json"));
        var exception = Assert.Throws<IOException>(() => Write(true, new HuggingFaceFolderOptions { Overwrite = true }));
        Assert.Contains("not a model's folder", exception.Message);
        Assert.True(File.Exists(_folder.File("model/tokenizer.json")));

        _folder.Write("file", "x");
        Assert.Contains("is a file", Assert.Throws<IOException>(() => HuggingFaceFolder.CheckTarget(_folder.File("file"), true)).Message);
    }

    [Fact]
    public void A_failure_leaves_the_old_model_and_nothing_else()
    {
        Write(tied: true, new HuggingFaceFolderOptions());
        using var tensors = new ArrayTensors().Add("a", [1], []);
        Assert.ThrowsAny<Exception>(() => HuggingFaceFolder.Write(
            _folder.File("model"), [], tensors, null, new HuggingFaceFolderOptions { Overwrite = true, MaxShardBytes = -1 }));
        Assert.True(File.Exists(_folder.File("model/model.safetensors")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private void Write(bool tied, HuggingFaceFolderOptions options)
    {
        using var tensors = new ArrayTensors()
            .Add("model.embed_tokens.weight", [2, 3], [1, 2, 3, 4, 5, 6])
            .Add("model.norm.weight", [3], [1, 1, 1])
            .Add("lm_head.weight", [2, 3], [1, 2, 3, 4, 5, 6]);
        var config = new JsonObject
        {
            ["model_type"] = "llama",
            ["tie_word_embeddings"] = tied,
            ["bos_token_id"] = 1,
            ["eos_token_id"] = new JsonArray(2, 3),
            ["pad_token_id"] = null,
            ["dtype"] = "float32",
        };
        config.Remove("pad_token_id");
        HuggingFaceFolder.Write(
            _folder.File("model"),
            config,
            tensors,
            TokenizerSource.Of(new JsonObject { ["version"] = "1.0" }, new JsonObject { ["eos_token"] = "<e>", ["bos_token"] = null }),
            options);
    }

    private void AssertJson(string expected, string file)
    {
        var actual = File.ReadAllText(_folder.File("model/" + file));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
    }
}
