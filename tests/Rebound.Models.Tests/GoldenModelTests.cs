using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models.Verification;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class GoldenModelTests
{
    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void Logits_loss_gradients_and_greedy_tokens_are_those_of_transformers(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var backend = new CpuBackend();
        using var model = Load(backend, folder);

        var rows = ModelVerification.Run(model, Path.Combine(folder, "expected.safetensors"), Generator.Greedy);

        Assert.Equal(model.Weights.Table.Slices.Count + 3, rows.Count);
        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
    }

    [Fact]
    public void SmolLM2_from_its_GGUF_gives_the_numbers_and_tokens_of_transformers()
    {
        var reference = SharedData.Path("golden/smollm2/expected.safetensors");
        using var source = new GgufFile(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        using var backend = new CpuBackend(storedWeights: false);
        using var model = LlamaModel.Load(backend, LlamaConfig.Parse(source.Config, source.Location), source);

        var rows = ModelVerification.Run(model, reference, Generator.Greedy, RoundingTolerance.Of(1e-4));

        // In fp32 the gradients of 30 layers are not determined to 1e-4: against the same model in fp64 the reference's
        // own differ by up to 1.34e-4, and these by up to 1.14e-4.
        Assert.Equal(67, rows.Count);
        Assert.All(rows, row => Assert.True(row.Passed || (row.Name.StartsWith("grad.") && row.MaxRelative < 2.5e-4), row.ToString()));
    }

    private static LlamaModel Load(Backend backend, string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path);
        using var source = new SafetensorsFolder(folder);
        return LlamaModel.Load(backend, config, source);
    }
}
