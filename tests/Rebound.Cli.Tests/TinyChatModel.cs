using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Writes a random model of bytes with a chat template: small enough to be trained in a test.</summary>
internal static class TinyChatModel
{
    public static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 64,
        FeedForwardSize = 128,
        Layers = 2,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 16,
        VocabularySize = ByteTokenizer.VocabularySize,
        MaxPositions = 256,
        Windows = [0, 0],
        TieWordEmbeddings = true,
        EosTokenIds = [0],
        InitializerRange = 0.1f,
    };

    /// <param name="change">What is done to its weights before they are written.</param>
    public static void Write(string folder, ulong seed = 3, Action<LlamaModel>? change = null)
    {
        using var backend = new CpuBackend(1);
        using var model = LlamaModel.Initialize(backend, Config, seed);
        change?.Invoke(model);
        HuggingFaceFolder.Write(folder, Config.ToJson(), model.Weights, TokenizerSource.Of(ByteTokenizer.Json(), ByteTokenizer.ConfigJson()));
    }
}
