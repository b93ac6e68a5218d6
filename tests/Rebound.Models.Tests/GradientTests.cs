using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class GradientTests
{
    // The loss of a batch is exact to about 1e-5; a step that changes it by 2 · 0.02 leaves 0.03%, and the curvature's
    // third order adds a similar share.
    private const double LossChange = 0.02;
    private const double Tolerance = 0.01;

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void The_loss_changes_along_every_gradient_as_the_gradient_says(string type)
    {
        var config = TinyModel.Config(type, json =>
        {
            json["attention_bias"] = type is "llama" or "qwen3" ? JsonValue.Create(true) : null;
            json["mlp_bias"] = type == "llama" ? JsonValue.Create(true) : null;
            json["sliding_window"] = type == "mistral" ? JsonValue.Create(5) : null;
            json["rope_scaling"] = type == "qwen2" ? new JsonObject { ["type"] = "linear", ["factor"] = 3.0 } : null;
        });
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, config, seed: 8);
        using var gradients = model.CreateGradients();
        var tokens = TinyModel.Tokens(24, 6);
        var batch = new PackedBatch(tokens, [0, 9, 24], tokens);
        model.LossAndGradients(batch, gradients, 1);

        Assert.All(model.Weights.Table.Slices, slice =>
        {
            var weights = model.Weights[slice].AsSpan<float>().ToArray();
            var direction = gradients[slice].AsSpan<float>().ToArray();
            var norm = Math.Sqrt(direction.Sum(value => (double)value * value));
            Assert.True(norm > 0, slice.Name);
            var step = LossChange / norm;

            var change = LossAt(+step / norm) - LossAt(-step / norm);

            Assert.True(Math.Abs((change / (2 * LossChange)) - 1) < Tolerance, $"{slice.Name}: {change} for {2 * LossChange}");
            LossAt(0);

            double LossAt(double factor)
            {
                float[] moved = [.. weights.Zip(direction, (weight, along) => (float)(weight + (factor * along)))];
                backend.CopyFromHost<float>(model.Weights[slice], moved);
                return model.Loss(batch);
            }
        });
    }
}
