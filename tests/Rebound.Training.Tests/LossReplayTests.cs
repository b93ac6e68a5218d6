using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Training.Verification;

namespace Rebound.Training.Tests;

public sealed class LossReplayTests
{
    [Fact]
    public void Losses_gradients_and_steps_of_every_method_are_those_of_PyTorch()
    {
        var folder = SharedData.Path("golden/losses");
        using var backend = new CpuBackend();
        using var reference = Load(backend, Path.Combine(folder, "reference"));
        using var old = Load(backend, Path.Combine(folder, "old"));

        var rows = LossReplay.Run(
            new LossModels(() => Load(backend, Path.Combine(folder, "model")), reference, old), Path.Combine(folder, "losses.json"),
            cancellation: TestContext.Current.CancellationToken);

        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
        Assert.Equal(10, rows.Count(row => row.Name.EndsWith("step 5 loss", StringComparison.Ordinal)));
        Assert.Equal(10, rows.Count(row => row.Name.EndsWith("grad.model.norm.weight", StringComparison.Ordinal)));
        Assert.Contains(rows, row => row.Name == "kto kl");
    }

    [Fact]
    public void An_error_of_the_model_is_not_taken_for_rounding()
    {
        var folder = SharedData.Path("golden/losses");
        using var backend = new CpuBackend();
        using var reference = Load(backend, Path.Combine(folder, "reference"));
        using var old = Load(backend, Path.Combine(folder, "old"));

        var rows = LossReplay.Run(
            new LossModels(() => Wrong(Load(backend, Path.Combine(folder, "model"))), reference, old), Path.Combine(folder, "losses.json"),
            cancellation: TestContext.Current.CancellationToken);

        Assert.All(rows.Where(row => row.Name is "reference logps" or "old logps"), row => Assert.True(row.Passed, row.ToString()));
        Assert.All(rows.Where(row => row.Name.EndsWith("step 1 grad_norm", StringComparison.Ordinal)), row => Assert.False(row.Passed, row.ToString()));

        static LlamaModel Wrong(LlamaModel model)
        {
            foreach (ref var value in model.Weights["model.norm.weight"].AsSpan<float>())
            {
                value *= 1.02f;
            }

            return model;
        }
    }

    private static LlamaModel Load(Backend backend, string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path);
        using var tensors = new SafetensorsFolder(folder);
        return LlamaModel.Load(backend, config, tensors, trained: true);
    }
}
