using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Training.Verification;

namespace Rebound.Training.Tests;

public sealed class StepReplayTests
{
    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void Ten_AdamW_steps_have_the_losses_and_gradient_norms_of_PyTorch(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var backend = new CpuBackend();
        using var model = Load(backend, folder);

        var rows = StepReplay.Run(model, Path.Combine(folder, "train10.json"), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(20, rows.Count);
        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
    }

    [Theory]
    [InlineData("{}", "'betas' is missing")]
    [InlineData("[1", "not a record of optimizer steps")]
    [InlineData("""{"betas":[0.9,0.95],"eps":1e-8,"weight_decay":0,"clip":1,"rows":[{"input_ids":[1,2],"labels":[1]}],"steps":[]}""",
        "row 0 has 2 input_ids and 1 labels")]
    [InlineData(
        """{"betas":[0.9,0.95],"eps":1e-8,"weight_decay":0,"clip":1,"rows":[{"input_ids":[1,2],"labels":[1,-100]}],"steps":[]}""",
        "no supervised token")]
    public void A_record_of_another_form_is_refused_by_field(string json, string expected)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("rebound-").FullName, "steps.json");
        File.WriteAllText(path, json);
        using var backend = new CpuBackend();
        var config = LlamaConfig.Parse(
            new JsonObject
            {
                ["model_type"] = "llama",
                ["hidden_size"] = 8,
                ["intermediate_size"] = 8,
                ["num_hidden_layers"] = 1,
                ["num_attention_heads"] = 2,
                ["vocab_size"] = 5,
            },
            "config.json");
        using var model = LlamaModel.Initialize(backend, config, seed: 1);

        var exception = Assert.Throws<InvalidDataException>(() =>
            StepReplay.Run(model, path, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains(expected, exception.Message);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static LlamaModel Load(Backend backend, string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path);
        using var source = new SafetensorsFolder(folder);
        return LlamaModel.Load(backend, config, source);
    }
}
