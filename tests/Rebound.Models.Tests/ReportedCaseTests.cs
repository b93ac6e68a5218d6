using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>Files that people reported of other tools: sound ones are read as what they are.</summary>
public sealed class ReportedCaseTests : IDisposable
{
    private const string Text = "Hello, it's 12345 hel  held\n\n helhel Ünï";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_configuration_is_that_of_the_model_it_was_made_from()
    {
        var expected = Parse(SharedData.Path("golden/models/smollm2_tied/config.json"));
        Assert.All(Directory.GetFiles(SharedData.Path("cases/models/config")), path => Assert.Equal(expected, Parse(path)));

        static string Parse(string path) => LlamaConfig.Parse(JsonFile.Read(path), path).ToJson().ToJsonString();
    }

    [Fact]
    public void Every_adapter_gives_the_logits_of_the_one_it_was_made_from()
    {
        var (model, adapter) = (SharedData.Path("golden/lora/base"), SharedData.Path("golden/lora/adapter"));
        using var backend = new CpuBackend(1);
        var expected = Logits(backend, model, adapter);
        foreach (var config in Directory.GetFiles(SharedData.Path("cases/models/lora")))
        {
            File.Copy(config, _folder.File(ModelFiles.AdapterConfig), overwrite: true);
            File.Copy(Path.Combine(adapter, ModelFiles.AdapterWeights), _folder.File(ModelFiles.AdapterWeights), overwrite: true);
            Assert.Equal(expected, Logits(backend, model, _folder.Path));
        }
    }

    [Theory]
    [InlineData("v2", "v3", 0)]
    [InlineData("pre_llama-v3", "v3", 0)]
    [InlineData("pre_falcon3", "v3", 0)]
    [InlineData("pre_smaug-bpe", "v3", 0)]
    [InlineData("kind0", "v3", 0)]
    [InlineData("eot_id_minus1", "v3", 1)]
    [InlineData("pad_id_is_vocab_size", "v3", 1)]
    public void Every_GGUF_file_is_read_as_the_one_it_was_made_from(string name, string like, int warnings)
    {
        using var expected = ModelSource.Open(SharedData.Path($"cases/models/gguf/{like}.gguf"));
        using var actual = ModelSource.Open(SharedData.Path($"cases/models/gguf/{name}.gguf"));
        Assert.Equal(Shape(expected), Shape(actual));
        Assert.Equal(expected.Tokenizer.Encode(Text), actual.Tokenizer.Encode(Text));
        Assert.Equal(expected.Tensors.Tensors.Keys, actual.Tensors.Tensors.Keys);
        Assert.Equal(warnings, actual.Warnings.Count);
        Assert.All(actual.Warnings, warning => Assert.Contains("there is no such token", warning));
    }

    [Fact]
    public void A_distilled_Qwen_splits_digits_one_by_one()
    {
        using var source = ModelSource.Open(SharedData.Path("cases/models/gguf/pre_deepseek-r1-qwen.gguf"));
        var split = source.TokenizerJson["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"]!.GetValue<string>();
        Assert.Contains(@"|\p{N}| ", split);
        Assert.Equal(Text, source.Tokenizer.Decode(source.Tokenizer.Encode(Text)));
    }

    [Fact]
    public void Metadata_that_is_null_is_none()
    {
        using var file = new SafetensorsFile(SharedData.Path("cases/models/safetensors/metadata_null.safetensors"));
        Assert.Empty(file.Metadata);
        Assert.Contains("model.norm.weight", file.Tensors.Keys);
    }

    /// <summary>All but the size of the vocabulary, which a case may have changed.</summary>
    private static string Shape(ModelSource source) => (source.Config with { VocabularySize = 0 }).ToJson().ToJsonString();

    private static float[] Logits(Backend backend, string model, string adapter)
    {
        using var source = ModelSource.Open(model, adapter);
        using var loaded = source.Load(backend);
        var logits = new float[4 * source.Config.VocabularySize];
        loaded.Logits(new PackedBatch([1, 5, 9, 11], [0, 4]), logits);
        return logits;
    }
}
