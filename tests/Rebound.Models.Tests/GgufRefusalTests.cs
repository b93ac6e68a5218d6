using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>Models that GGUF, or a type of it, cannot hold: they are refused by name, and nothing is left.</summary>
public sealed class GgufRefusalTests : IDisposable
{
    private static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Qwen3,
        HiddenSize = 32,
        FeedForwardSize = 32,
        Layers = 2,
        QueryHeads = 2,
        KeyValueHeads = 1,
        HeadDim = 16,
        VocabularySize = 40,
        MaxPositions = 64,
        Windows = [0, 0],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Architectures_without_a_key_for_it() => Assert.All(
        ((LlamaConfig, string)[])
        [
            (Config with { QueryKeyValueBias = true, OutputBias = true }, "architecture qwen3 has no attention biases"),
            (Config with { Windows = [0, 48] }, "architecture qwen3 has no attention in a window of 48 tokens"),
        ],
        row => Assert.Contains(row.Item2, Assert.Throws<CheckpointException>(() => Export(row.Item1, "F32", 0)).Message));

    [Theory]
    [InlineData(float.NaN, "F32", "not finite")]
    [InlineData(float.NegativeInfinity, "Q8_0", "not finite")]
    [InlineData(1e6f, "F16", "more than F16 has")]
    [InlineData(1e6f, "Q4_K_M", "has (65500)")]
    public void Weights_beyond_the_type(float value, string type, string words)
    {
        var exception = Assert.Throws<CheckpointException>(() => Export(Config, type, value));
        Assert.Contains(words, exception.Message);
        Assert.Contains("ffn_up", exception.Message);
        Assert.Equal(["model"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void One_that_is_asked_to_stop_leaves_nothing()
    {
        WriteModel(Config, 0);
        using var source = ModelSource.Open(_folder.File("model"));
        using var stop = new CancellationTokenSource();
        source.Interrupted = stop.Token;
        using var export = new GgufExport(_backend, source, GgufFileType.Find("Q8_0")!, "m");
        Assert.Throws<OperationCanceledException>(() => export.Write(_folder.File("m.gguf"), onCheck: stop.Cancel));
        Assert.Equal(["model"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private void Export(LlamaConfig config, string type, float value)
    {
        WriteModel(config, value);
        using var source = ModelSource.Open(_folder.File("model"));
        using var export = new GgufExport(_backend, source, GgufFileType.Find(type)!, "m");
        export.Write(_folder.File("m.gguf"));
    }

    /// <param name="value">Of one weight, 0 for none.</param>
    private void WriteModel(LlamaConfig config, float value)
    {
        using var model = LlamaModel.Initialize(_backend, config, seed: 2);
        if (value != 0)
        {
            model.Weights["model.layers.1.mlp.up_proj.weight"].AsSpan<float>()[77] = value;
        }

        HuggingFaceFolder.Write(
            _folder.File("model"), config.ToJson(), model.Weights, tokenizer: null, new HuggingFaceFolderOptions { Overwrite = true });
    }
}
