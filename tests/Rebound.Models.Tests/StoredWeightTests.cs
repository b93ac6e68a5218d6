using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>Models whose weights stay as a GGUF file stores them, beside the same weights widened to fp32.</summary>
public sealed class StoredWeightTests
{
    private static readonly string SmolLM2 = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf";

    [Fact]
    public void Logits_losses_and_gradients_of_an_adapter_are_those_of_the_widened_weights()
    {
        using var source = new GgufFile(SharedData.Path(SmolLM2));
        var config = LlamaConfig.Parse(source.Config, source.Location);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => 100 + (int)(i * 7919L % 40000))];
        var batch = new PackedBatch([.. tokens, .. tokens[..7]], [0, 40, 47], [-100, .. tokens[1..], -100, .. tokens[1..7]]);
        var results = new[] { true, false }.Select(stored =>
        {
            using var backend = new CpuBackend(2, storedWeights: stored);
            using var model = LlamaModel.Load(backend, config, source);
            var logits = new float[3 * config.VocabularySize];
            model.Logits(batch, [0, 39, 46], logits);
            model.Attach(LoraAdapter.Initialize(backend, config, new LoraSettings { Rank = 4 }, seed: 3));
            using var gradients = model.CreateGradients();
            var loss = model.LossAndGradients(batch, gradients, lossScale: 0.1f);
            var gradient = new float[gradients.All.Count];
            backend.CopyToHost(gradient, gradients.All);
            return (logits, loss, gradient);
        }).ToArray();
        Assert.Equal(results[1].logits, results[0].logits);
        Assert.Equal(results[1].loss, results[0].loss);
        Assert.Equal(results[1].gradient, results[0].gradient);
        Assert.Contains(results[0].gradient, value => value != 0);
    }
}
