using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Testing;

/// <summary>Writes random models of bytes with a chat template, and adapters for them: whole, and made in milliseconds.</summary>
internal static class TinyChatModel
{
    /// <summary>Large enough to learn a few answers in a test.</summary>
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

    /// <summary>A few kilobytes, for what is done with the bytes of its files.</summary>
    public static readonly LlamaConfig Smallest = Config with
    {
        HiddenSize = 32,
        FeedForwardSize = 32,
        Layers = 1,
        QueryHeads = 2,
        KeyValueHeads = 1,
        MaxPositions = 64,
        Windows = [0],
        BosTokenId = 1,
        EosTokenIds = [257],
    };

    /// <param name="change">What is done to its weights before they are written.</param>
    /// <param name="config">Null for <see cref="Config"/>.</param>
    public static void Write(
        string folder, ulong seed = 3, Action<LlamaModel>? change = null, LlamaConfig? config = null,
        HuggingFaceFolderOptions? options = null)
    {
        config ??= Config;
        using var backend = new CpuBackend(1);
        using var model = LlamaModel.Initialize(backend, config, seed);
        change?.Invoke(model);
        HuggingFaceFolder.Write(
            folder, config.ToJson(), model.Weights, TokenizerSource.Of(ByteTokenizer.Json(), ByteTokenizer.ConfigJson()), options);
    }

    /// <param name="model">The model that it says it belongs to.</param>
    /// <param name="config">Of that model; null for <see cref="Config"/>.</param>
    /// <param name="change">A seed for values of every B; null for an adapter that changes nothing.</param>
    public static void WriteAdapter(string folder, string model, LlamaConfig? config = null, int? change = null)
    {
        using var backend = new CpuBackend(1);
        using var adapter = LoraAdapter.Initialize(backend, config ?? Config, new LoraSettings { Rank = 2, Alpha = 4 }, 3);
        if (change is { } seed)
        {
            var random = new Random(seed);
            foreach (var name in adapter.Layout.Modules.Select(module => module.UpName))
            {
                foreach (ref var value in adapter.Parameters[name].AsSpan<float>())
                {
                    value = random.NextSingle() - 0.5f;
                }
            }
        }

        AdapterFolder.Write(folder, adapter, model);
    }
}
