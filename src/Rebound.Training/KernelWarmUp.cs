using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Training;

/// <summary>
/// Compiles the kernels of a training step before it, by a step of a small model that uses the same ones. A GPU's backend
/// compiles kernels when they are first used and caches them in files: warmed up on a second backend while weights are read,
/// they are ready when the first step asks for them.
/// </summary>
public static class KernelWarmUp
{
    /// <summary>Rows of any multiple of 16 bytes take the same kernels.</summary>
    private const int Width = 256;

    /// <summary>More than products of few rows have, which take kernels that are seldom trained with.</summary>
    private const int Tokens = 128;

    /// <param name="backend">Of the same device and element type as the one that is going to train.</param>
    /// <param name="config">The model that is going to be trained: heads, variant, biases and windows are as it has them.</param>
    /// <param name="lora">The adapter that is trained beside frozen weights; null for the weights.</param>
    public static void Run(Backend backend, LlamaConfig config, LoraSettings? lora, AdamWOptions optimizer)
    {
        var small = config with
        {
            HiddenSize = Width,
            FeedForwardSize = Width,
            VocabularySize = Width,
            Layers = 1,
            Windows = [config.Windows[0]],
            QueryHeads = config.QueryHeads / config.KeyValueHeads,
            KeyValueHeads = 1,
        };
        using var model = LlamaModel.Initialize(backend, small, seed: 0);
        if (lora is not null)
        {
            var everywhere = lora with { Targets = LoraTargets.All, RankPattern = [], AlphaPattern = [] };
            model.Attach(LoraAdapter.Initialize(backend, small, everywhere, seed: 0));
        }

        int[] tokens = [.. Enumerable.Range(0, Tokens)];
        var batch = new PackedBatch(tokens, [0, Tokens], tokens);
        using var gradients = model.CreateGradients();
        using var update = new AdamWOptimizer(model.Trainable, optimizer);
        model.LossAndGradients(batch, gradients, 1f / batch.SupervisedRows.Length, dropoutSeed: 0);
        update.Step(gradients, learningRate: 0);
    }
}
