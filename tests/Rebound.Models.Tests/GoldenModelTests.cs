using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models.Checkpoints;
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

        var rows = ModelVerification.Run(model, Path.Combine(folder, "expected.safetensors"));

        Assert.Equal(model.Weights.Table.Slices.Count + 3, rows.Count);
        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
    }

    private static LlamaModel Load(Backend backend, string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path);
        using var source = new SafetensorsFolder(folder);
        return LlamaModel.Load(backend, config, source);
    }
}
