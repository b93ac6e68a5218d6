using Rebound.Models;

namespace Rebound.Cli.Machine;

/// <summary>A model that people have, by which a machine is measured: its shape is all that counts.</summary>
internal sealed record KnownModel(string Name, LlamaConfig Config)
{
    /// <summary>Small ones first.</summary>
    public static IReadOnlyList<KnownModel> All { get; } =
    [
        new("SmolLM2-135M",
            Shape(LlamaVariant.Llama, hidden: 576, feedForward: 1536, layers: 30, heads: 9, keyValueHeads: 3,
                vocabulary: 49152, tied: true)),
        new("Qwen2.5-0.5B",
            Shape(LlamaVariant.Qwen2, hidden: 896, feedForward: 4864, layers: 24, heads: 14, keyValueHeads: 2,
                vocabulary: 151936, tied: true)),
        new("Llama-3.2-1B",
            Shape(LlamaVariant.Llama, hidden: 2048, feedForward: 8192, layers: 16, heads: 32, keyValueHeads: 8,
                vocabulary: 128256, tied: true)),
        new("Llama-3.2-3B",
            Shape(LlamaVariant.Llama, hidden: 3072, feedForward: 8192, layers: 28, heads: 24, keyValueHeads: 8,
                vocabulary: 128256, tied: true)),
        new("Llama-2-7B",
            Shape(LlamaVariant.Llama, hidden: 4096, feedForward: 11008, layers: 32, heads: 32, keyValueHeads: 32,
                vocabulary: 32000, tied: false)),
    ];

    private static LlamaConfig Shape(
        LlamaVariant variant, int hidden, int feedForward, int layers, int heads, int keyValueHeads, int vocabulary, bool tied) => new()
        {
            Variant = variant,
            HiddenSize = hidden,
            FeedForwardSize = feedForward,
            Layers = layers,
            QueryHeads = heads,
            KeyValueHeads = keyValueHeads,
            HeadDim = hidden / heads,
            VocabularySize = vocabulary,
            MaxPositions = 4096,
            QueryKeyValueBias = variant == LlamaVariant.Qwen2,
            TieWordEmbeddings = tied,
            Windows = [.. new int[layers]],
        };
}
