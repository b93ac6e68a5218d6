using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Training.Tests;

public sealed class KernelWarmUpTests
{
    [Theory]
    [InlineData(LlamaVariant.Llama, 4, 2, 64, 0)]
    [InlineData(LlamaVariant.Mistral, 3, 3, 80, 48)]
    [InlineData(LlamaVariant.Qwen2, 6, 1, 10, 0)]
    [InlineData(LlamaVariant.Qwen3, 2, 2, 128, 0)]
    public void A_model_of_any_kind_is_warmed_up_with_its_weights_or_an_adapter(
        LlamaVariant variant, int queryHeads, int keyValueHeads, int headDim, int window)
    {
        var config = new LlamaConfig
        {
            Variant = variant,
            HiddenSize = 60,
            FeedForwardSize = 100,
            Layers = 2,
            QueryHeads = queryHeads,
            KeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            VocabularySize = 40,
            MaxPositions = 2048,
            QueryKeyValueBias = variant == LlamaVariant.Qwen2,
            Windows = [window, window],
        };
        using var backend = new CpuBackend(1);
        KernelWarmUp.Run(backend, config, lora: null, new AdamWOptions { MaxGradientNorm = 1 });
        KernelWarmUp.Run(
            backend, config, new LoraSettings { Rank = 4, Dropout = 0.1f, RankPattern = [new("layers.1.q_proj", 8)] }, new AdamWOptions());
    }
}
