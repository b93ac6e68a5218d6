using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class GgufExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public static TheoryData<string, string> ModelsAndTypes() => new(
        from model in (string[])["llama2_mha", "llama3_gqa_ropescaled", "mistral_gqa", "qwen2_bias_tied", "qwen3_qknorm", "smollm2_tied"]
        from type in GgufFileType.All
        select (model, type.Name));

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(ModelsAndTypes))]
    public void Every_family_is_written_in_every_type_and_read_again(string model, string type)
    {
        using var source = ModelSource.Open(SharedData.Path($"golden/models/{model}"));
        var path = _folder.File("m.gguf");
        var difference = Export(source, path, type);
        Assert.InRange(difference.MaxRelative, 0, type switch { "F32" => 1e-5, "BF16" => 0.05, "F16" => 0.005, "Q8_0" => 0.05, _ => 1 });
        using var written = new GgufFile(path);
        Assert.Equal(source.Tensors.Tensors.Keys.Order(), written.Tensors.Keys.Order());
        Assert.Equal([Path.GetFileName(path)], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("qwen3_qknorm")]
    public void A_plain_file_has_the_tensors_that_a_converter_writes(string model)
    {
        var folder = SharedData.Path($"golden/models/{model}");
        using var source = ModelSource.Open(folder);
        Export(source, _folder.File("m.gguf"), "F32");
        using var expected = new GgufFile(_folder.Write("e.gguf", GgufModels.FromFolder(folder).Build()));
        using var actual = new GgufFile(_folder.File("m.gguf"));
        foreach (var (name, tensor) in expected.Tensors)
        {
            var (some, others) = (new float[tensor.Count], new float[tensor.Count]);
            expected.Read(name, some);
            actual.Read(name, others);
            Assert.Equal(some, others);
        }

        foreach (var (key, value) in expected.Config.Where(pair => !pair.Key.EndsWith("token_id", StringComparison.Ordinal)))
        {
            Assert.Equal(value?.ToJsonString(), actual.Config[key]?.ToJsonString());
        }
    }

    [Fact]
    public void Types_of_blocks_that_do_not_divide_rows_are_said()
    {
        using var source = ModelSource.Open(SharedData.Path("golden/models/llama2_mha"));
        using var export = new GgufExport(_backend, source, GgufFileType.Find("q4_k_m")!, "m");
        Assert.Contains(export.Notes, note => note.Contains("rows of 112", StringComparison.Ordinal) && note.Contains("are F16: blk.0.ffn_down"));
        Assert.Contains(export.Notes, note => note.Contains("rows of 64", StringComparison.Ordinal) && note.Contains("are Q5_0"));
        Assert.Contains(export.Notes, note => note.Contains("no tokenizer", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_cannot_be_written_whole_leaves_the_one_before()
    {
        using var source = ModelSource.Open(SharedData.Path("golden/models/llama2_mha"));
        var path = _folder.Write("m.gguf", "before"u8.ToArray());
        using var export = new GgufExport(_backend, source, GgufFileType.Find("Q8_0")!, "m");
        Assert.Throws<IOException>(() => export.Write(path, (done, total) => throw new IOException("No space left on device")));
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private LogitsDifference Export(ModelSource source, string path, string type)
    {
        using var export = new GgufExport(_backend, source, GgufFileType.Find(type)!, "m");
        return export.Write(path);
    }
}
