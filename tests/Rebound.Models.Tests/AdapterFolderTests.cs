using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class AdapterFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_written_and_read_again_gives_the_same_logits_to_the_last_bit()
    {
        var settings = LoraModel.Mixed(dropout: 0.05f) with { RankStabilized = true };
        using var model = LoraModel.Create(_backend, TinyModel.Config(), settings);
        WriteBase(model);
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, _folder.File("base"));

        using var source = ModelSource.Open(_folder.File("base"), _folder.File("adapter"));
        using var read = source.Load(_backend);

        Assert.Equal(LoraModel.Logits(model), LoraModel.Logits(read));
        Assert.Equal(
            (0.05f, true, "all-linear"),
            (source.Adapter!.Settings.Dropout, source.Adapter.Settings.RankStabilized, $"{source.Adapter.Settings.Targets}"));
    }

    [Fact]
    public void An_adapter_is_a_model_by_itself_when_what_it_was_trained_on_is_there()
    {
        using var model = LoraModel.Create(_backend, TinyModel.Config(), new LoraSettings { Rank = 2 });
        WriteBase(model);
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "../base");
        using var source = ModelSource.Open(_folder.File("adapter"));
        using var read = source.Load(_backend);
        Assert.Equal(LoraModel.Logits(model), LoraModel.Logits(read));

        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "someone/a-model", options: new() { Overwrite = true });
        Assert.Contains(
            "'someone/a-model', which is no folder",
            Assert.Throws<CheckpointException>(() => ModelSource.Open(_folder.File("adapter"))).Message);
        Assert.Contains("It is an adapter", Assert.Throws<CheckpointException>(() =>
        {
            AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "../base", options: new() { Overwrite = true });
            return ModelSource.Open(_folder.File("adapter"), _folder.File("adapter"));
        }).Message);
    }

    [Fact]
    public void Targets_and_patterns_survive()
    {
        var targets =
            new LoraTargets { Names = ["q_proj", "down_proj"], ExcludedPattern = ".*x", Blocks = [0], BlocksPatterns = ["layers"] };
        var settings = LoraModel.Mixed() with { Targets = targets };
        using var adapter = LoraAdapter.Initialize(_backend, TinyModel.Config(), settings, seed: 1);
        AdapterFolder.Write(_folder.File("adapter"), adapter, baseModel: null);

        using var read = AdapterFolder.Open(_folder.File("adapter"));

        Assert.Null(read.BaseModel);
        Assert.Equal(settings.RankPattern, read.Settings.RankPattern);
        Assert.Equal(settings.AlphaPattern, read.Settings.AlphaPattern);
        Assert.Equal(["q_proj", "down_proj"], read.Settings.Targets.Names);
        Assert.Equal(
            (".*x", 0, "layers"),
            (read.Settings.Targets.ExcludedPattern, read.Settings.Targets.Blocks[0], read.Settings.Targets.BlocksPatterns[0]));
        Assert.Equal(2, adapter.Layout.Modules.Count);
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("modules_to_save", """["lm_head"]""")]
    [InlineData("bias", "\"all\"")]
    [InlineData("bias", "1e400")]
    [InlineData("r", "1e400")]
    [InlineData("lora_bias", "true")]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("peft_type", "null")]
    [InlineData("task_type", "\"SEQ_CLS\"")]
    [InlineData("init_lora_weights", "\"pissa\"")]
    [InlineData("layer_replication", "[[0, 1]]")]
    [InlineData("trainable_token_indices", "[5]")]
    [InlineData("target_parameters", """["experts"]""")]
    [InlineData("use_qalora", "true")]
    [InlineData("loftq_config", """{"loftq_bits": 4}""")]
    [InlineData("a_key_of_next_year", "1")]
    [InlineData("r", "0")]
    [InlineData("r", "2.5")]
    [InlineData("lora_alpha", "\"16\"")]
    [InlineData("rank_pattern", """{"q_proj": "4"}""")]
    [InlineData("alpha_pattern", "[1]")]
    [InlineData("target_modules", "[1]")]
    [InlineData("layers_to_transform", """["a"]""")]
    public void A_key_that_may_change_the_result_is_named(string key, string value)
    {
        var folder = Write(json => json[key] = JsonNode.Parse(value));
        var message = Assert.Throws<CheckpointException>(() => AdapterFolder.Open(folder)).Message;
        Assert.Contains($"'{key}'", message);
        Assert.Contains(ModelFiles.AdapterConfig, message);
    }

    [Fact]
    public void Keys_without_influence_are_left_alone_and_absent_ones_have_PEFTs_defaults()
    {
        var folder = Write(json =>
        {
            foreach (var key in new[] { "use_dora", "bias", "layers_pattern", "rank_pattern", "target_modules", "r", "lora_alpha" })
            {
                json.Remove(key);
            }

            json["loftq_config"] = new JsonObject();
            json["megatron_core"] = "megatron.core";
            json["modules_to_save"] = new JsonArray();
            json["peft_version"] = "0.21.0";
            json["fan_in_fan_out"] = true;
            json["init_lora_weights"] = "gaussian";
            json["a_key_of_next_year"] = null;
            json["use_another_of_next_year"] = false;
            json["a_list_of_next_year"] = new JsonArray();
            json["an_object_of_next_year"] = new JsonObject();
            json["a_text_of_next_year"] = "";
            json["use_bdlora"] = false;
        });
        using var adapter = AdapterFolder.Open(folder);
        Assert.Equal((8, 8f, "q_proj, v_proj"), (adapter.Settings.Rank, adapter.Settings.Alpha, $"{adapter.Settings.Targets}"));
    }

    [Fact]
    public void An_adapter_that_fits_no_layer_or_is_not_there_is_refused()
    {
        var folder = Write(json => json["target_modules"] = new JsonArray("query_key_value"));
        using (var adapter = AdapterFolder.Open(folder))
        {
            Assert.Contains(
                "query_key_value", Assert.Throws<CheckpointException>(() => adapter.Load(_backend, TinyModel.Config())).Message);
        }

        File.Move(Path.Combine(folder, ModelFiles.AdapterWeights), Path.Combine(folder, "adapter_model.bin"));
        Assert.Contains("adapter_model.bin", Assert.Throws<CheckpointException>(() => AdapterFolder.Open(folder)).Message);
        Assert.Contains("no adapter", Assert.Throws<CheckpointException>(() => AdapterFolder.Open(_folder.Path)).Message);
    }

    private string Write(Action<JsonObject> change)
    {
        var folder = _folder.File("adapter");
        using var adapter = LoraAdapter.Initialize(_backend, TinyModel.Config(), new LoraSettings { Rank = 8 }, seed: 1);
        AdapterFolder.Write(folder, adapter, baseModel: null);
        var path = Path.Combine(folder, ModelFiles.AdapterConfig);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
        return folder;
    }

    private void WriteBase(LlamaModel model) =>
        HuggingFaceFolder.Write(_folder.File("base"), model.Config.ToJson(), model.Weights, null);
}
