using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.LlamaCpp.Tests;

/// <summary>Parts of configurations that no golden model has: llama.cpp computes with them as Rebound does.</summary>
public sealed class VariantTests : IDisposable
{
    private static readonly LlamaConfig Plain = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 64,
        FeedForwardSize = 96,
        Layers = 2,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 16,
        VocabularySize = 100,
        MaxPositions = 128,
        Windows = [0, 0],
        InitializerRange = 0.2f,
    };

    private static readonly Dictionary<string, LlamaConfig> Configs = new()
    {
        ["biases"] = Plain with { QueryKeyValueBias = true, OutputBias = true, FeedForwardBias = true },
        ["linear scaling"] = Plain with { Rope = new RopeSettings { Scaling = RopeScaling.Linear, Factor = 4 } },
        ["wide heads"] = Plain with { HeadDim = 32 },
        ["window"] = Plain with { Variant = LlamaVariant.Mistral, Windows = [48, 48] },
        ["qwen2 with a head"] = Plain with { Variant = LlamaVariant.Qwen2, QueryKeyValueBias = true },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(2);

    public static TheoryData<string> Names => [.. Configs.Keys];

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_computes_the_same(string name)
    {
        var config = Configs[name];
        using (var model = LlamaModel.Initialize(_backend, config, seed: 5))
        {
            foreach (var bias in model.Weights.Tensors.Keys.Where(tensor => tensor.EndsWith("bias", StringComparison.Ordinal)))
            {
                var values = model.Weights[bias].AsSpan<float>();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = MathF.Sin(i);
                }
            }

            HuggingFaceFolder.Write(_folder.File("model"), config.ToJson(), model.Weights, tokenizer: null);
        }

        using var source = ModelSource.Open(_folder.File("model"));
        var path = _folder.File("m.gguf");
        using (var export = new GgufExport(_backend, source, GgufFileType.Find("F32")!, "m"))
        {
            export.Write(path);
            Assert.Equal(name == "window", export.Notes.Any(note => note.Contains("sliding window", StringComparison.Ordinal)));
        }

        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * i * 7 % config.VocabularySize)];
        var expected = new float[tokens.Length * config.VocabularySize];
        using var ours = source.Load(_backend);
        ours.Logits(new PackedBatch(tokens, [0, tokens.Length]), expected);
        using var llama = new LlamaCpp(path);
        var difference = expected.Zip(llama.Logits(tokens), (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);
        Assert.InRange(difference, 0, Rounding.Tolerance("F32", config.Layers));
    }
}
