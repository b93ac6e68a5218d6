using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Export;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class AdapterMergeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(StoredFloatType.F32, 1e-5)]
    [InlineData(StoredFloatType.F16, 0.005)]
    [InlineData(StoredFloatType.BF16, 0.03)]
    public void The_written_model_answers_as_the_adapter_beside_the_weights(StoredFloatType type, double most)
    {
        using var source = Source();
        using var model = source.Load(_backend);

        var rows = AdapterMerge.Write(_backend, source, _folder.File("merged"), type, overwrite: false);

        Assert.Equal([FolderExport.MergedName, FolderExport.WrittenName], rows.Select(row => row.Name));
        Assert.True(rows[0].MaxRelative < 1e-5 && rows[1].MaxRelative < most, string.Join('\n', rows));
        using var merged = ModelSource.Open(_folder.File("merged"));
        Assert.Null(merged.Adapter);
        Assert.All(merged.Tensors.Tensors.Values, tensor => Assert.Equal($"{type}", tensor.StoredType));
        using var written = merged.Load(_backend);
        var expected = LoraModel.Logits(model);
        var difference = expected.Zip(LoraModel.Logits(written), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(difference <= most * expected.Max(Math.Abs), $"{difference}");
    }

    [Fact]
    public void Weights_that_do_not_fit_into_the_stored_type_are_refused_and_leave_nothing()
    {
        using var source = Source(model => _backend.Scale(model.Trainable[1].Columns(0, 4), 1e6f));

        var exception = Assert.Throws<InvalidDataException>(
            () => AdapterMerge.Write(_backend, source, _folder.File("merged"), StoredFloatType.F16, overwrite: false));

        Assert.Contains("written model's logits differ", exception.Message);
        Assert.Equal(["adapter", "base"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order());
        AdapterMerge.Write(_backend, source, _folder.File("merged"), StoredFloatType.F32, overwrite: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_is_asked_to_stop_leaves_nothing(bool isWritten)
    {
        using var source = Source();
        using var stop = new CancellationTokenSource();
        source.Interrupted = stop.Token;
        if (!isWritten)
        {
            stop.Cancel();
        }

        Assert.Throws<OperationCanceledException>(() => AdapterMerge.Write(
            _backend, source, _folder.File("merged"), StoredFloatType.F32, overwrite: false, _ => stop.Cancel()));

        Assert.Equal(["adapter", "base"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_that_is_there_and_a_model_without_an_adapter_are_refused()
    {
        using var source = Source();
        Assert.Throws<IOException>(() => AdapterMerge.Write(_backend, source, _folder.File("base"), StoredFloatType.F32, overwrite: false));
        using var plain = ModelSource.Open(_folder.File("base"));
        Assert.Contains("no adapter", Assert.Throws<ArgumentException>(
            () => AdapterMerge.Write(_backend, plain, _folder.File("merged"), StoredFloatType.F32, overwrite: false)).Message);
    }

    [Fact]
    public void What_a_GGUF_base_says_of_texts_and_turns_arrives_in_the_merged_folder()
    {
        const string Template = "{% for m in messages %}{{ m.content }}<|eot_id|>{% endfor %}";
        string[] tokens = ["<unk>", "<s>", "</s>", "▁", "a", "▁a", "<|eot_id|>", "<tool>"];
        using var model = LoraModel.Create(_backend, TinyModel.Config(), new LoraSettings { Rank = 4, Alpha = 6 });
        var json = TinyModel.Json(change: json =>
        {
            json["rope_parameters"] = new System.Text.Json.Nodes.JsonObject { ["rope_type"] = "default", ["rope_theta"] = 10000.0 };
            json["rms_norm_eps"] = 1e-6;
        });
        HuggingFaceFolder.Write(_folder.File("base"), json, model.Weights, null);
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, null);
        var gguf = GgufModels.FromFolder(_folder.File("base"))
            .Set("tokenizer.ggml.model", "llama")
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", new[] { 2, 3, 3, 1, 1, 1, 3, 4 })
            .Set("tokenizer.ggml.scores", new float[tokens.Length])
            .Set("tokenizer.chat_template", Template)
            .Set("tokenizer.chat_templates", new[] { "tool_use" })
            .Set("tokenizer.chat_template.tool_use", "tools");
        using var source = ModelSource.Open(_folder.Write("base.gguf", gguf.Build()), _folder.File("adapter"));

        AdapterMerge.Write(_backend, source, _folder.File("merged"), StoredFloatType.F32, overwrite: false);

        using var merged = ModelSource.Open(_folder.File("merged"));
        Assert.Equal(Template, merged.ChatTemplateSource?.Default);
        Assert.Equal(source.TokenizerConfigJson.ToJsonString(), merged.TokenizerConfigJson.ToJsonString());
        Assert.Equal([2, 6], merged.EndTokenIds);
        Assert.Equal(source.Tokenizer.Encode("a<tool>aa<|eot_id|>", true), merged.Tokenizer.Encode("a<tool>aa<|eot_id|>", true));
        Assert.Equal((source.BosToken, source.EosToken), (merged.BosToken, merged.EosToken));
    }

    private ModelSource Source(Action<LlamaModel>? change = null)
    {
        using var model = LoraModel.Create(_backend, TinyModel.Config("qwen3"), new LoraSettings { Rank = 4, Alpha = 6 });
        change?.Invoke(model);
        HuggingFaceFolder.Write(_folder.File("base"), model.Config.ToJson(), model.Weights, null);
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "../base");
        return ModelSource.Open(_folder.File("adapter"));
    }
}
