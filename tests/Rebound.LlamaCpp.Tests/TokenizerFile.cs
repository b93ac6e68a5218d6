using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.LlamaCpp.Tests;

/// <summary>The smallest model around a tokenizer, as a GGUF file.</summary>
internal static class TokenizerFile
{
    /// <returns>Its path.</returns>
    public static string Write(TokenizerSource tokenizer, int rows, TemporaryFolder folder)
    {
        var config = new LlamaConfig
        {
            Variant = LlamaVariant.Llama,
            HiddenSize = 2,
            FeedForwardSize = 2,
            Layers = 1,
            QueryHeads = 1,
            KeyValueHeads = 1,
            HeadDim = 2,
            VocabularySize = rows,
            MaxPositions = 64,
            Windows = [0],
            TieWordEmbeddings = true,
        };
        using var backend = new CpuBackend(2);
        using var model = LlamaModel.Initialize(backend, config, seed: 1);
        HuggingFaceFolder.Write(folder.File("model"), config.ToJson(), model.Weights, tokenizer: null);
        using var source = ModelSource.Open(folder.File("model"));
        var path = folder.File("m.gguf");
        using var stream = File.Create(path);
        new GgufModelWriter(new GgufModelContent("m", config.ToJson(), source.Tensors, tokenizer, []), GgufFileType.Find("F32")!)
            .Write(stream, RunHere);
        return path;
    }

    private static void RunHere(int parts, Action<int> part)
    {
        for (var i = 0; i < parts; i++)
        {
            part(i);
        }
    }
}
