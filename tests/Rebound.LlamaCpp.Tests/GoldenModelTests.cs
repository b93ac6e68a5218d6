using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.LlamaCpp.Tests;

/// <summary>llama.cpp reads what was written, and answers as Rebound does.</summary>
public sealed class GoldenModelTests : IDisposable
{
    private static readonly string[] Names =
        ["llama2_mha", "llama3_gqa_ropescaled", "mistral_gqa", "qwen2_bias_tied", "qwen3_qknorm", "smollm2_tied"];

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(2);

    public static TheoryData<string, string> ModelsAndTypes() => new(
        from model in Names
        from type in GgufFileType.All
        where model == Names[0] || type.Name is "F32" or "Q4_K_M"
        select (model, type.Name));

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(ModelsAndTypes))]
    public void It_loads_every_family_and_every_type_and_has_the_same_logits(string model, string type)
    {
        var path = Export(model, type);
        using var llama = new LlamaCpp(path);
        using var source = ModelSource.Open(path);
        using var ours = source.Load(_backend);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * i * 7 % 199)];
        var expected = new float[tokens.Length * 199];
        ours.Logits(new PackedBatch(tokens, [0, tokens.Length]), expected);
        var actual = llama.Logits(tokens);
        var difference = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);
        Assert.InRange(difference, 0, Rounding.Tolerance(type, layers: 2));
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    public void It_takes_an_adapter_beside_its_model(string type)
    {
        using var source = ModelSource.Open(SharedData.Path("golden/lora/base"), SharedData.Path("golden/lora/adapter"));
        using var plain = ModelSource.Open(SharedData.Path("golden/lora/base"));
        var (path, adapter) = (_folder.File("m.gguf"), _folder.File("a.gguf"));
        using (var export = new GgufExport(_backend, plain, GgufFileType.Find("F32")!, "m"))
        {
            export.Write(path);
        }

        GgufAdapterExport.Write(_backend, source, adapter, GgufFileType.Find(type)!, "a");
        using var ours = source.Load(_backend);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * i * 7 % source.Config.VocabularySize)];
        var expected = new float[tokens.Length * source.Config.VocabularySize];
        ours.Logits(new PackedBatch(tokens, [0, tokens.Length]), expected);
        using var llama = new LlamaCpp(path, adapter);
        var difference = expected.Zip(llama.Logits(tokens), (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);
        Assert.InRange(difference, 0, Rounding.Tolerance(type, source.Config.Layers));
        using var without = new LlamaCpp(path);
        Assert.True(expected.Zip(without.Logits(tokens), (a, b) => Math.Abs(a - b)).Max() > 0.01 * expected.Max(Math.Abs));
    }

    private string Export(string model, string type)
    {
        using var source = ModelSource.Open(SharedData.Path($"golden/models/{model}"));
        using var export = new GgufExport(_backend, source, GgufFileType.Find(type)!, model);
        var path = _folder.File("m.gguf");
        export.Write(path);
        return path;
    }
}
