using Rebound.Models;

namespace Rebound.Gpu.Tests;

/// <summary>A model that is small, and large enough for the kernels of large ones.</summary>
internal static class SmallModel
{
    public static LlamaConfig Config(LlamaVariant variant, int headDim, int feedForward) => new()
    {
        Variant = variant,
        HiddenSize = 640,
        FeedForwardSize = feedForward,
        Layers = 3,
        QueryHeads = 6,
        KeyValueHeads = 2,
        HeadDim = headDim,
        VocabularySize = 1000,
        MaxPositions = 512,
        Windows = [0, 0, 0],
    };
}
