using LLama.Native;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.LlamaCpp.Tests;

/// <summary>What is written beside what llama.cpp's own quantizer makes of the same weights.</summary>
public sealed class QuantizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(2);

    public static TheoryData<string, bool> TypesAndHeads { get; } = new(
        ("Q4_K_M", true), ("Q5_K_M", false), ("Q6_K", false), ("Q4_0", true), ("Q8_0", true));

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(TypesAndHeads))]
    public void Tensors_have_its_types_and_no_larger_errors(string type, bool tied)
    {
        WriteModel(tied);
        using var source = ModelSource.Open(_folder.File("model"));
        var (exact, ours, theirs) = (_folder.File("exact.gguf"), _folder.File("ours.gguf"), _folder.File("theirs.gguf"));
        Export(source, "F32", exact);
        Export(source, type, ours);
        LlamaCpp.Quantize(exact, theirs, Enum.Parse<LLamaFtype>($"MOSTLY_{type}"));

        using var some = new GgufFile(ours);
        using var others = new GgufFile(theirs);
        Assert.Equal(Types(others), Types(some));
        foreach (var (name, tensor) in source.Tensors.Tensors.Where(pair => others.Tensors[pair.Key].StoredType != "F32"))
        {
            // The plain types round alike but for single codes, where the order of operations decides.
            var slack = others.Tensors[name].StoredType.EndsWith("_K", StringComparison.Ordinal) ? 1 : 1.0001;
            var (error, limit) = (Error(source.Tensors, some, tensor), Error(source.Tensors, others, tensor));
            Assert.True(error <= limit * slack, $"{name} {tensor.StoredType}: {error} and {limit}");
        }
    }

    private static IEnumerable<string> Types(GgufFile file) =>
        file.Tensors.Values.Select(tensor => $"{tensor.Name} {tensor.StoredType}").Order();

    /// <summary>Σ(read − exact)².</summary>
    private static double Error(ITensorSource exact, GgufFile file, StoredTensor tensor)
    {
        var (expected, actual) = (new float[tensor.Count], new float[tensor.Count]);
        exact.Read(tensor.Name, expected);
        file.Read(tensor.Name, actual);
        return expected.Zip(actual, (a, b) => Math.Pow((double)a - b, 2)).Sum();
    }

    /// <summary>Nine blocks, of which the mixed types give more bits to some; rows that every type's blocks divide.</summary>
    private void WriteModel(bool tied)
    {
        var config = new LlamaConfig
        {
            Variant = LlamaVariant.Llama,
            HiddenSize = 256,
            FeedForwardSize = 256,
            Layers = 9,
            QueryHeads = 4,
            KeyValueHeads = 1,
            HeadDim = 64,
            VocabularySize = 260,
            MaxPositions = 64,
            Windows = [.. new int[9]],
            TieWordEmbeddings = tied,
        };
        using var model = LlamaModel.Initialize(_backend, config, seed: 7);
        HuggingFaceFolder.Write(_folder.File("model"), config.ToJson(), model.Weights, tokenizer: null);
    }

    private void Export(ModelSource source, string type, string path)
    {
        using var export = new GgufExport(_backend, source, GgufFileType.Find(type)!, "m");
        export.Write(path);
    }
}
