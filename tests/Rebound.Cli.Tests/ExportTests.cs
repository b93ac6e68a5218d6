using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_adapter_is_merged_into_a_file_that_is_asked_as_it_was()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments("--max_steps", "2", "--lora-rank", "2")).Succeeded();
        var (path, modelfile) = (_folder.File("m.gguf"), _folder.File("Modelfile"));

        var run = ReboundProcess.Run(
            "export", "--adapter", folder.Path("out"), "--type", "f32", "--output", path, "--modelfile", modelfile, "--json");
        var report = JsonNode.Parse(run.Succeeded())!;

        Assert.Equal("F32", (string)report["type"]!);
        Assert.InRange((double)report["max_relative"]!, 0, 1e-5);
        Assert.Equal(1, (double)report["same_best"]!);
        using var source = ModelSource.Open(path);
        Assert.Equal(ByteTokenizer.ChatTemplate, source.ChatTemplateSource!.Default);
        var text = File.ReadAllText(modelfile);
        Assert.StartsWith("FROM ./m.gguf\nTEMPLATE \"\"\"{{ if not .System }}", text);
        Assert.Contains("<|im_start|>user\n{{ if or", text);
        Assert.Contains("PARAMETER stop \"<|im_end|>\"", text);
        Assert.Contains("exists already", ReboundProcess.Run("export", folder.Path("model"), "--output", path).Refused());
    }

    [Fact]
    public void An_adapter_alone_is_written_beside_its_model()
    {
        var path = _folder.File("a.gguf");
        string[] arguments = ["export", "--model", SharedData.Path("golden/lora/base"), "--adapter", SharedData.Path("golden/lora/adapter"),
            "--adapter-only", "--output", path];

        Assert.Contains("Wrote", ReboundProcess.Run([.. arguments, "--type", "F16"]).Succeeded());
        Assert.Contains("must be F32, BF16 or F16", ReboundProcess.Run([.. arguments, "--overwrite", "--type", "Q8_0"]).Refused());
    }

    [Fact]
    public void A_file_becomes_a_folder_again()
    {
        var (path, folder) = (_folder.File("m.gguf"), _folder.File("model"));
        ReboundProcess.Run("export", SharedData.Path("golden/models/qwen3_qknorm"), "--type", "F16", "--output", path).Succeeded();
        ReboundProcess.Run("export", path, "--format", "huggingface", "--output", folder).Succeeded();
        using var gguf = new GgufFile(path);
        using var source = ModelSource.Open(folder);
        Assert.All(source.Tensors.Tensors.Values, tensor => Assert.Equal("F16", tensor.StoredType));
        Assert.Contains("--output is required", ReboundProcess.Run("export", path, "--format", "huggingface").Refused());
        Assert.Contains(
            "Hugging Face folders take F32, F16, BF16",
            ReboundProcess.Run("export", path, "--format", "huggingface", "--output", folder, "--type", "Q4_0").Refused());
    }

    [Fact]
    public void A_type_that_there_is_not_is_named_with_those_that_there_are() =>
        Assert.Contains(
            "--type is 'Q9', and must be one of F32, BF16, F16, Q8_0",
            ReboundProcess.Run("export", SharedData.Path("golden/models/llama2_mha"), "--type", "Q9").Refused());
}
