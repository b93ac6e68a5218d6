using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class LlamaConfigTests
{
    [Fact]
    public void Both_layouts_of_rotary_settings_say_the_same()
    {
        var old = TinyModel.Config(change: json =>
        {
            json["rope_theta"] = 500000.0;
            json["rope_scaling"] = Llama3();
        });
        var current = TinyModel.Config(change: json =>
        {
            var parameters = Llama3();
            parameters["rope_theta"] = 500000;
            json["rope_parameters"] = parameters;
        });

        Assert.Equal(old.Rope, current.Rope);
        Assert.Equal(new RopeSettings { Theta = 500000, Scaling = RopeScaling.Llama3, Factor = 8, OriginalMaxPositions = 64 }, old.Rope);
    }

    [Theory]
    [InlineData(
        """{"rope_theta":5e5,"rope_scaling":{"type":"linear","factor":2},"rope_parameters":{"rope_type":"linear","factor":2.0"""
            + ""","rope_theta":500000}}""")]
    [InlineData(
        """{"rope_theta":null,"rope_scaling":{"rope_type":"linear","factor":2,"mrope_section":null},"rope_parameters":"""
            + """{"rope_type":"linear","factor":2,"rope_theta":500000}}""")]
    [InlineData(
        """{"rope_scaling":{"rope_type":"linear","factor":2,"rope_theta":500000},"rope_parameters":{"rope_type":"linear","factor":2}}""")]
    public void Rotary_blocks_that_agree_are_one(string keys)
    {
        var config = TinyModel.Config(change: json =>
        {
            foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
            {
                json[key] = value?.DeepClone();
            }
        });
        Assert.Equal(new RopeSettings { Theta = 500000, Scaling = RopeScaling.Linear, Factor = 2 }, config.Rope);
    }

    [Theory]
    [InlineData(
        """{"rope_scaling":{"rope_type":"linear","factor":2},"rope_parameters":{"rope_type":"linear","factor":4}}""",
        "both given and differ")]
    [InlineData(
        """{"rope_scaling":{"rope_type":"default","rope_theta":1},"rope_parameters":{"rope_type":"default","rope_theta":2}}""",
        "both given and differ")]
    [InlineData("""{"rope_theta":1,"rope_parameters":{"rope_type":"default","rope_theta":2}}""",
        "'rope_parameters.rope_theta' is 2, but the 'rope_theta' outside of it is 1")]
    public void Rotary_blocks_that_differ_are_refused(string keys, string problem)
    {
        var json = TinyModel.Json(change: json =>
        {
            foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
            {
                json[key] = value?.DeepClone();
            }
        });
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => LlamaConfig.Parse(json, "config.json")).Message);
    }

    [Fact]
    public void Keys_that_are_null_or_without_effect_are_no_reason_to_refuse_a_model()
    {
        var plain = TinyModel.Config();
        var config = TinyModel.Config(change: json =>
        {
            foreach (var key in (string[])["quantization_config", "auto_map", "a_key_of_next_year", "rope_theta", "rope_scaling",
                "rope_parameters", "hidden_act"])
            {
                json[key] = null;
            }

            json["pretraining_tp"] = 4;
        });
        Assert.Equal(plain.ToJson().ToJsonString(), config.ToJson().ToJsonString());
    }

    [Fact]
    public void Linear_scaling_under_its_old_name_stretches_the_context()
    {
        var config = TinyModel.Config(change: json => json["rope_scaling"] = new JsonObject { ["type"] = "linear", ["factor"] = 4.0 });

        Assert.Equal(RopeScaling.Linear, config.Rope.Scaling);
        Assert.Equal(1024, config.ContextLength);
        Assert.Equal(0.25f, config.Rope.InverseFrequencies(8)[0]);
    }

    [Theory]
    [InlineData("llama", false, false)]
    [InlineData("llama", true, true)]
    [InlineData("mistral", null, false)]
    [InlineData("qwen2", null, true)]
    [InlineData("qwen3", true, true)]
    public void Query_key_and_value_have_biases_where_transformers_has_them(string type, bool? key, bool expected)
    {
        var config = TinyModel.Config(type, json => json["attention_bias"] = key);

        Assert.Equal(expected, config.QueryKeyValueBias);
        Assert.Equal(expected && type != "qwen2", config.OutputBias);
    }

    [Fact]
    public void Absent_keys_have_the_defaults_of_transformers()
    {
        var llama = TinyModel.Config("llama", json =>
        {
            json.Remove("num_key_value_heads");
            json.Remove("head_dim");
        });
        var qwen3 = TinyModel.Config("qwen3", json => json.Remove("head_dim"));
        var mistral = TinyModel.Config("mistral", json => json.Remove("sliding_window"));

        Assert.Equal((4, 8), (llama.KeyValueHeads, llama.HeadDim));
        Assert.Equal(128, qwen3.HeadDim);
        Assert.Equal([4096, 4096], mistral.Windows);
    }

    [Fact]
    public void A_window_is_on_the_layers_that_the_keys_say()
    {
        var late = TinyModel.Config(
            "qwen2", json => (json["sliding_window"], json["use_sliding_window"], json["max_window_layers"]) = (16, true, 1));
        var typed = TinyModel.Config("qwen3", json =>
        {
            (json["sliding_window"], json["use_sliding_window"]) = (16, true);
            json["layer_types"] = new JsonArray("sliding_attention", "full_attention");
        });
        var unused = TinyModel.Config("qwen2", json => (json["sliding_window"], json["use_sliding_window"]) = (16, false));

        Assert.Equal([0, 16], late.Windows);
        Assert.Equal([16, 0], typed.Windows);
        Assert.Equal([0, 0], unused.Windows);
    }

    [Fact]
    public void End_tokens_are_one_or_many()
    {
        Assert.Equal([2], TinyModel.Config().EosTokenIds);
        Assert.Equal([5, 9], TinyModel.Config(change: json => json["eos_token_id"] = new JsonArray(5, 9)).EosTokenIds);
        Assert.Empty(TinyModel.Config(change: json => json["eos_token_id"] = null).EosTokenIds);
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu\"", "'hidden_act' is \"gelu\"")]
    [InlineData("attention_dropout", "0.1", "'attention_dropout' is 0.1")]
    [InlineData("rope_scaling", """{"rope_type":"yarn","factor":4}""", "'rope_scaling.rope_type' is \"yarn\"")]
    [InlineData("rope_scaling", """{"type":"linear"}""", "'rope_scaling.factor' is missing")]
    [InlineData("rope_parameters", """{"rope_type":"default","beta_fast":32}""", "'rope_parameters.beta_fast'")]
    [InlineData("quantization_config", """{"bits":4}""", "'quantization_config'")]
    [InlineData("num_key_value_heads", "3", "'num_key_value_heads' is 3, which does not divide")]
    [InlineData("head_dim", "7", "'head_dim' is 7")]
    [InlineData("sliding_window", "16", "'sliding_window' is 16")]
    [InlineData("hidden_size", "\"32\"", "'hidden_size' is \"32\"")]
    [InlineData("hidden_size", "32.5", "'hidden_size' is 32.5")]
    [InlineData("num_hidden_layers", "0", "'num_hidden_layers' is 0")]
    [InlineData("num_hidden_layers", "100000000", "'num_hidden_layers' is 100000000; at most 4096")]
    [InlineData("hidden_size", "2000000000", "'hidden_size' is 2000000000; at most")]
    [InlineData("intermediate_size", "2000000000", "'intermediate_size' is 2000000000; at most")]
    [InlineData("vocab_size", "2000000000", "'vocab_size' is 2000000000; at most")]
    [InlineData("head_dim", "2000000000", "'head_dim' is 2000000000; at most")]
    [InlineData("rms_norm_eps", "-1", "'rms_norm_eps' is -1")]
    [InlineData("architectures", """["LlamaForSequenceClassification"]""", "'architectures' is")]
    [InlineData("tie_word_embeddings", "1", "'tie_word_embeddings' is 1")]
    [InlineData("model_type", "\"gemma2\"", "'model_type' is \"gemma2\"")]
    public void What_would_change_the_computation_is_an_error_with_key_and_value(string key, string value, string expected)
    {
        var json = TinyModel.Json(change: json => json[key] = JsonNode.Parse(value));

        var exception = Assert.Throws<CheckpointException>(() => LlamaConfig.Parse(json, "somewhere/config.json"));

        Assert.StartsWith("somewhere/config.json: ", exception.Message);
        Assert.Contains(expected, exception.Message);
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var json = TinyModel.Json(change: json =>
        {
            json.Remove("vocab_size");
            json["hidden_act"] = "relu";
            json["mixture"] = 8;
        });

        var exception = Assert.Throws<CheckpointException>(() => LlamaConfig.Parse(json, "config.json"));

        Assert.All(["'vocab_size' is missing", "'hidden_act'", "'mixture'"], part => Assert.Contains(part, exception.Message));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void What_is_written_reads_as_the_same(string type)
    {
        var config = TinyModel.Config(type, json =>
        {
            json["rope_scaling"] = Llama3();
            json["tie_word_embeddings"] = true;
            json["eos_token_id"] = new JsonArray(2, 7);
            json["rms_norm_eps"] = 1e-5;
            json["sliding_window"] = type == "llama" ? null : JsonValue.Create(16);
            json["use_sliding_window"] = type.StartsWith("qwen", StringComparison.Ordinal);
            json["max_window_layers"] = 1;
            json["attention_bias"] = type == "llama" ? JsonValue.Create(true) : null;
        });

        var again = LlamaConfig.Parse(config.ToJson(), "config.json");

        Assert.Equal(config.ToJson().ToJsonString(), again.ToJson().ToJsonString());
        Assert.Equal(config.Windows, again.Windows);
        Assert.Equal(config with { Windows = again.Windows, EosTokenIds = again.EosTokenIds }, again);
    }

    [Fact]
    public void Real_configurations_are_read()
    {
        var folders = Directory.GetDirectories(SharedData.Path("golden/models")).Append(SharedData.Path("models/smollm2-135m-instruct"));
        Assert.All(folders, folder =>
        {
            var path = Path.Combine(folder, "config.json");
            Assert.NotNull(LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path));
        });
    }

    private static JsonObject Llama3() => new()
    {
        ["rope_type"] = "llama3",
        ["factor"] = 8.0,
        ["low_freq_factor"] = 1.0,
        ["high_freq_factor"] = 4.0,
        ["original_max_position_embeddings"] = 64,
    };
}
