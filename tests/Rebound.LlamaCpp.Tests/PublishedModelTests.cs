using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.LlamaCpp.Tests;

/// <summary>A real model, written again in other types, in llama.cpp and in Rebound.</summary>
public sealed class PublishedModelTests : IDisposable
{
    private const string Model = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf";
    private const string Type = "Q4_K_M";
    private const int Tokens = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(2);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// llama.cpp's tokens, one after the other: each is Rebound's choice after the same ones before it, or nearly as likely to it.
    /// </summary>
    [Fact]
    public void It_splits_texts_and_answers_greedily_as_Rebound_does_from_the_same_file()
    {
        var path = Write();
        using var source = ModelSource.Open(path);
        var text = "<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\n";
        var prompt = source.Tokenizer.Encode(text);
        using var llama = new LlamaCpp(path);
        Assert.Equal(prompt, llama.Tokenize(text, addSpecialTokens: false));
        var written = llama.Greedy(prompt, Tokens, []);

        using var model = source.Load(_backend);
        int[] all = [.. prompt, .. written];
        var rows = Enumerable.Range(prompt.Length - 1, Tokens).ToArray();
        var logits = new float[Tokens * source.Config.VocabularySize];
        model.Logits(new PackedBatch(all, [0, all.Length]), rows, logits);
        var others = 0;
        for (var i = 0; i < Tokens; i++)
        {
            var row = logits.AsSpan(i * source.Config.VocabularySize, source.Config.VocabularySize).ToArray();
            var (best, theirs) = (row.Max(), row[written[i]]);
            others += best > theirs ? 1 : 0;
            Assert.InRange(best - theirs, 0, Rounding.Tolerance(Type, source.Config.Layers) * row.Max(Math.Abs));
        }

        Assert.InRange(others, 0, 2);
        foreach (var row in File.ReadLines(SharedData.Path("golden/tokens/smollm2.jsonl")).Select(line => JsonNode.Parse(line)!))
        {
            Assert.Equal(
                row["ids_with_special"]!.AsArray().Select(id => (int)id!), llama.Tokenize((string)row["text"]!, addSpecialTokens: true));
        }
    }

    private string Write()
    {
        using var source = ModelSource.Open(SharedData.Path(Model));
        var content = new GgufModelContent("m", source.Config.ToJson(), source.Tensors, source.TokenizerSource, source.EndTokenIds);
        var path = _folder.File("m.gguf");
        using var stream = File.Create(path);
        new GgufModelWriter(content, GgufFileType.Find(Type)!).Write(stream, Parallel);
        return path;
    }

    private static void Parallel(int parts, Action<int> part) =>
        Task.WaitAll([.. Enumerable.Range(0, 2).Select(first => Task.Run(() =>
        {
            for (var i = first; i < parts; i += 2)
            {
                part(i);
            }
        }))]);
}
