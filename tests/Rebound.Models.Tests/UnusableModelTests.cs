using System.Text;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>What is given for a model and is none: the sentence says what it is, and what to give.</summary>
public sealed class UnusableModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("meta-llama/Llama-3.2-1B", "'rebound pull meta-llama/Llama-3.2-1B'")]
    [InlineData("https://huggingface.co/Qwen/Qwen3-0.6B", "rebound pull Qwen/Qwen3-0.6B'")]
    [InlineData("https://huggingface.co/Qwen/Qwen3-0.6B/tree/main", "rebound pull Qwen/Qwen3-0.6B'")]
    [InlineData("hf.co/unsloth/Qwen3-0.6B-GGUF:Q4_K_M", "rebound pull unsloth/Qwen3-0.6B-GGUF:Q4_K_M'")]
    [InlineData("no/such/model", "expected is a Hugging Face folder or a .gguf file")]
    [InlineData("./model", "expected is a Hugging Face folder or a .gguf file")]
    [InlineData("models/model.gguf", "expected is a Hugging Face folder or a .gguf file")]
    [InlineData("gpt2", "expected is a Hugging Face folder or a .gguf file")]
    public void A_path_at_which_nothing_is_may_be_a_name_on_the_hub(string path, string expected) => AssertProblem(expected, path);

    [Fact]
    public void A_folder_that_is_there_is_no_ones_name_on_the_hub()
    {
        Directory.CreateDirectory(_folder.File("runs"));
        Assert.Null(HubName.Help(_folder.File("runs/first")));
        Assert.Null(HubName.Help("/runs/first"));
    }

    [Theory]
    [InlineData("pytorch_model.bin", "PK\u0003\u0004xyz", "zip archive, as PyTorch's")]
    [InlineData("model.pth", "\u0080\u0002}q", "Python pickle")]
    [InlineData("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:ab", "'git lfs pull'")]
    [InlineData("model.gguf", "version https://git-lfs.github.com/spec/v1\noid sha256:ab", "'git lfs pull'")]
    [InlineData("model.gguf", "<!DOCTYPE html><html>", "web page")]
    [InlineData("model.gguf", "lmggxxxx", "came before GGUF")]
    [InlineData("model.gguf", "", "is incomplete: it ends after 0 bytes")]
    [InlineData("model.gguf", "\0\0\0\0\0\0\0\0", "zeros alone")]
    [InlineData("config.json", "{}", "one of a model's files; name their folder")]
    [InlineData("adapter_model.safetensors", "x", "an adapter's weights; name their folder")]
    [InlineData("model.tar.gz", "\u001f\u008b\u0008", "compressed by gzip")]
    public void A_file_that_is_no_model_is_recognized(string name, string content, string expected) =>
        AssertProblem(expected, _folder.Write(name, Encoding.Latin1.GetBytes(content)));

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:ab", "'git lfs pull'")]
    [InlineData("<html>Not Found</html>", "web page")]
    [InlineData("PK\u0003\u0004xyzxyzxyz", "zip archive")]
    public void Weights_that_are_something_else_are_recognized(string content, string expected)
    {
        _folder.Write("config.json", "{}");
        _folder.Write("model.safetensors", Encoding.Latin1.GetBytes(content));
        AssertProblem(expected, _folder.Path);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("generation_config.json")]
    public void A_pointer_in_the_place_of_any_file_of_a_model_is_recognized(string name)
    {
        using var tensors = new ArrayTensors().Add("model.norm.weight", [32], new float[32]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, tensors.Tensors.Keys, StoredFloatType.F32);
        _folder.Write("config.json", TinyModel.Json().ToJsonString());
        _folder.Write(name, "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 17\n");
        var exception = Assert.Throws<CheckpointException>(() =>
        {
            using var source = ModelSource.Open(_folder.Path);
            return source.Tokenizer;
        });
        Assert.Equal(_folder.File(name), exception.Path);
        Assert.Contains("'git lfs pull'", exception.Message);
    }

    [Fact]
    public void A_folder_without_weights_says_what_it_has_instead()
    {
        _folder.Write("config.json", "{}");
        AssertProblem("holds no weights; expected is model.safetensors", _folder.Path);
        Directory.CreateDirectory(_folder.File("snapshots/0a1b"));
        _folder.Write("snapshots/0a1b/config.json", "{}");
        AssertProblem($"give {_folder.File("snapshots/0a1b")}", _folder.Path);
        _folder.Write("pytorch_model.bin", "PK");
        AssertProblem("pytorch_model.bin is a Python pickle", _folder.Path);
        _folder.Write("model-00001-of-00002.safetensors", "x");
        AssertProblem("neither model.safetensors nor the model.safetensors.index.json", _folder.Path);
        _folder.Write("adapter_model.safetensors", "x");
        AssertProblem("lacks the adapter_config.json", _folder.Path);
    }

    [Fact]
    public void Weights_without_a_configuration_and_an_adapter_without_weights_are_named()
    {
        using var tensors = new ArrayTensors().Add("a", [1], [1]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, ["a"], StoredFloatType.F32);
        AssertProblem("have no shape without it", _folder.Path);
        File.Delete(_folder.File("model.safetensors"));
        _folder.Write(ModelFiles.AdapterConfig, "{}");
        AssertProblem("not the adapter's weights, adapter_model.safetensors", _folder.Path);
    }

    [Fact]
    public void What_is_given_for_an_adapter_and_is_none_is_named()
    {
        AssertAdapterProblem("no adapter; expected", _folder.Path);
        AssertAdapterProblem("rebound pull someone/an-adapter", "someone/an-adapter");
        AssertAdapterProblem("It is a file", _folder.Write("adapter_model.safetensors", "x"));
        _folder.Write("config.json", "{}");
        AssertAdapterProblem("holds a model, and no adapter", _folder.Path);

        static void AssertAdapterProblem(string problem, string path) =>
            Assert.Contains(problem, Assert.Throws<CheckpointException>(() => AdapterFolder.Open(path)).Message);
    }

    [Fact]
    public void A_file_that_was_cut_off_says_how_much_of_it_is_there()
    {
        var gguf = GgufBuilder.Tiny().Build();
        AssertProblem($"is incomplete: {gguf.Length - 5} of {gguf.Length} bytes are there", _folder.Write("m.gguf", gguf[..^5]));
        AssertProblem("is incomplete: it ends after 10 bytes", _folder.Write("m.gguf", gguf[..10]));

        using var tensors = new ArrayTensors().Add("a", [1000], new float[1000]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, ["a"], StoredFloatType.F32);
        var whole = File.ReadAllBytes(_folder.File("model.safetensors"));
        _folder.Write("config.json", "{}");
        _folder.Write("model.safetensors", whole[..^1]);
        AssertProblem($"is incomplete: {whole.Length - 1} of {whole.Length} bytes are there", _folder.Path);
        _folder.Write("model.safetensors", whole[..40]);
        AssertProblem("incomplete, or no safetensors file: its header takes", _folder.Path);
    }

    private static void AssertProblem(string problem, string path)
    {
        var exception = Assert.Throws<CheckpointException>(() => ModelSource.Open(path));
        Assert.Contains(problem, exception.Message);
    }
}
