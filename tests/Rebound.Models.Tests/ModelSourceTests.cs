using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Models.Tests;

public sealed class ModelSourceTests : IDisposable
{
    private const string SmolLm2 = "models/smollm2-135m-instruct";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SmolLm2)]
    [InlineData(SmolLm2 + "/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void A_folder_with_a_gguf_and_the_gguf_alone_are_the_same_model(string path)
    {
        using var model = ModelSource.Open(SharedData.Path(path));
        Assert.Equal(30, model.Config.Layers);
        Assert.Equal(272, model.Tensors.Tensors.Count);
        Assert.Equal("<|im_start|>", model.BosToken);
        Assert.Equal("<|im_end|>", model.EosToken);
        Assert.Equal([2], model.NamedEndTokenIds);
        Assert.Equal([2, 0], model.EndTokenIds);
        Assert.Equal(49152, model.Tokenizer.VocabularySize);
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" });
        var text = model.ChatTemplate!.Render(messages, null, true, model.BosToken, model.EosToken);
        Assert.EndsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", text);
    }

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void A_converted_model_has_the_configuration_that_it_came_from(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var expected = ModelSource.Open(folder);
        using var actual = ModelSource.Open(_folder.Write("m.gguf", GgufModels.FromFolder(folder).Build()));

        // GGUF does not store how weights were initialized.
        var config = actual.Config with { InitializerRange = expected.Config.InitializerRange };
        Assert.Equal(expected.Config.ToJson().ToJsonString(), config.ToJson().ToJsonString());
        Assert.False(actual.HasTokenizer);
        Assert.Equal([2], actual.EndTokenIds);
        Assert.Equal("", actual.EosToken);
        Assert.Null(actual.ChatTemplate);
        Assert.Contains("no tokenizer", Assert.Throws<CheckpointException>(() => actual.Tokenizer).Message);
    }

    [Fact]
    public void What_is_written_is_opened_as_the_same_model()
    {
        using var gguf = ModelSource.Open(SharedData.Path(SmolLm2 + "/SmolLM2-135M-Instruct.Q4_1.gguf"));
        HuggingFaceFolder.Write(
            _folder.File("model"),
            gguf.Config.ToJson(),
            gguf.Tensors,
            gguf.TokenizerSource,
            new HuggingFaceFolderOptions { Type = StoredFloatType.BF16 });
        using var model = ModelSource.Open(_folder.File("model"));
        Assert.Equal(gguf.Config.ToJson().ToJsonString(), model.Config.ToJson().ToJsonString());
        Assert.Equal(gguf.EndTokenIds, model.EndTokenIds);
        Assert.Equal(gguf.TokenizerConfigJson["chat_template"]!.ToJsonString(), model.TokenizerConfigJson["chat_template"]!.ToJsonString());
        const string Text = "Grüße, <|im_end|> 12345\n\n\tтест 🙂";
        Assert.Equal(gguf.Tokenizer.Encode(Text), model.Tokenizer.Encode(Text));
        var (name, count) = ("model.layers.3.self_attn.q_proj.weight", 576 * 576);
        var (before, after) = (new float[count], new float[count]);
        gguf.Tensors.Read(name, before);
        model.Tensors.Read(name, after);
        for (var i = 0; i < count; i++)
        {
            // Half of the distance of neighbouring values with eight significant bits.
            Assert.InRange(after[i], before[i] - (Math.Abs(before[i]) / 256), before[i] + (Math.Abs(before[i]) / 256));
        }
    }

    [Fact]
    public void End_tokens_come_from_every_configuration_once()
    {
        WriteSmallModel();
        _folder.Write("generation_config.json", """{"eos_token_id":[2,4]}""");
        _folder.Write("tokenizer_config.json", """{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"a"}""");
        using var model = ModelSource.Open(_folder.Path);
        Assert.Equal([2, 4, 3], model.EndTokenIds);
        Assert.Equal("<s>", model.BosToken);
        Assert.Equal("a", model.EosToken);
    }

    [Fact]
    public void Special_tokens_that_are_not_mentioned_come_from_their_ids_and_null_means_none()
    {
        WriteSmallModel();
        using (var model = ModelSource.Open(_folder.Path))
        {
            Assert.Equal("<s>", model.BosToken);
            Assert.Equal("</s>", model.EosToken);
        }

        _folder.Write("tokenizer_config.json", """{"bos_token":null}""");
        using var without = ModelSource.Open(_folder.Path);
        Assert.Equal("", without.BosToken);
        _folder.Write("tokenizer_config.json", """{"bos_token":7}""");
        using var wrong = ModelSource.Open(_folder.Path);
        Assert.Contains("'bos_token' is 7", Assert.Throws<CheckpointException>(() => wrong.BosToken).Message);
    }

    [Theory]
    [InlineData("""{"chat_template":"T"}""", null, "T")]
    [InlineData("""{"chat_template":"T"}""", "J", "J")]
    [InlineData(null, "J", "J")]
    [InlineData("""{"chat_template":[{"name":"rag","template":"R"},{"name":"default","template":"D"}]}""", null, "D")]
    [InlineData("""{"chat_template":[{"name":"rag","template":"R"}]}""", null, "R")]
    [InlineData("{}", null, null)]
    public void The_chat_template_is_found_wherever_it_is(string? config, string? file, string? expected)
    {
        WriteSmallModel();
        if (config is not null)
        {
            _folder.Write("tokenizer_config.json", config);
        }

        if (file is not null)
        {
            _folder.Write("chat_template.jinja", file);
        }

        using var model = ModelSource.Open(_folder.Path);
        Assert.Equal(expected, model.ChatTemplate?.Render([], null, false, "", ""));
    }

    [Theory]
    [InlineData("{}", null, "O")]
    [InlineData("""{"chat_template":"T"}""", null, "T")]
    [InlineData("{}", "J", "J")]
    public void A_template_of_an_older_processor_counts_where_there_is_no_other(string config, string? file, string expected)
    {
        WriteSmallModel();
        _folder.Write("tokenizer_config.json", config);
        _folder.Write("chat_template.json", """{"chat_template":"O"}""");
        if (file is not null)
        {
            _folder.Write("chat_template.jinja", file);
        }

        using var model = ModelSource.Open(_folder.Path);
        Assert.Equal(expected, model.ChatTemplate?.Render([], null, false, "", ""));
    }

    [Fact]
    public void Special_and_added_tokens_of_an_older_folder_are_read_and_those_of_a_newer_one_are_in_its_configuration()
    {
        WriteSmallModel();
        _folder.Write("tokenizer_config.json", """{"eos_token":"a","additional_special_tokens":["<x>"]}""");
        _folder.Write(
            "special_tokens_map.json", """{"eos_token":{"content":"<end>","lstrip":false},"additional_special_tokens":["<x>","<y>"]}""");
        _folder.Write("added_tokens.json", """{"<y>":5,"<end>":4}""");
        using (var model = ModelSource.Open(_folder.Path))
        {
            Assert.Equal("<end>", model.EosToken);
            Assert.Equal([3, 4, 5, 6], model.Tokenizer.Encode("a<end><y><x>"));
            Assert.Equal("a", model.Tokenizer.Decode([3, 4, 5, 6], skipSpecialTokens: true));
        }

        _folder.Write("tokenizer_config.json", """{"eos_token":"a","added_tokens_decoder":{}}""");
        using (var model = ModelSource.Open(_folder.Path))
        {
            Assert.Equal("a", model.EosToken);
            Assert.Equal(4, model.Tokenizer.VocabularySize);
        }

        _folder.Write("tokenizer_config.json", "{}");
        _folder.Write("added_tokens.json", "[");
        Assert.Contains(
            "added_tokens.json", Assert.Throws<CheckpointException>(() => TokenizerSource.Open(_folder.Path).Tokenizer).Message);
    }

    [Fact]
    public void A_template_beside_a_GGUF_is_not_its_own()
    {
        var file = _folder.File("SmolLM2-135M-Instruct.Q4_1.gguf");
        File.CreateSymbolicLink(file, SharedData.Path(SmolLm2 + "/SmolLM2-135M-Instruct.Q4_1.gguf"));
        _folder.Write("chat_template.jinja", "J");
        foreach (var path in new[] { file, _folder.Path })
        {
            Assert.Contains("<|im_start|>", TokenizerSource.Open(path).ChatTemplate!.Default);
        }
    }

    [Theory]
    [InlineData("""{"chat_template":[{"name":"a","template":"A"},{"name":"b","template":"B"}]}""", "none is named default")]
    [InlineData("""{"chat_template":7}""", "neither a template nor a list")]
    public void A_chat_template_that_cannot_be_chosen_is_named(string config, string problem)
    {
        WriteSmallModel();
        _folder.Write("tokenizer_config.json", config);
        using var model = ModelSource.Open(_folder.Path);
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => model.ChatTemplate).Message);
    }

    [Fact]
    public void Given_tools_the_template_named_tool_use_is_rendered_wherever_it_is()
    {
        var (messages, tools) = (ReadList("m.json"), ReadList("t.json"));
        WriteSmallModel();
        _folder.Write("tokenizer_config.json", ReadCase("template_tool_use/list_in_tokenizer_config.json"));
        AssertBoth();
        _folder.Write(
            "tokenizer_config.json", """{"chat_template":"{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"}""");
        Directory.CreateDirectory(_folder.File("additional_chat_templates"));
        _folder.Write("additional_chat_templates/tool_use.jinja", ReadCase("template_tool_use/tool_use.jinja"));
        AssertBoth();
        _folder.Write("tokenizer_config.json", """{"chat_template":"of the configuration"}""");
        _folder.Write("chat_template.jinja", ReadCase("template_tool_use/chat_template.jinja"));
        AssertBoth();

        void AssertBoth()
        {
            using var model = ModelSource.Open(_folder.Path);
            model.TokenizerSource.WriteTo(Directory.CreateDirectory(_folder.File("written")).FullName);
            foreach (var template in new[]
            {
                model.ChatTemplate!,
                ChatTemplate.Parse(TokenizerSource.Open(_folder.File("written")).ChatTemplate!),
            })
            {
                Assert.StartsWith("user: hi\n", template.Render(messages, null, false, "", ""));
                Assert.StartsWith("TOOLS [{\"type\": \"function\"", template.Render(messages, tools, false, "", ""));
                Assert.StartsWith("TOOLS []", template.Render(messages, [], false, "", ""));
            }
        }

        static JsonArray ReadList(string name) => JsonNode.Parse(ReadCase($"template_tool_use/{name}"))!.AsArray();
    }

    [Fact]
    public void A_models_tokenizer_takes_whole_texts_and_what_its_configuration_says()
    {
        WriteSmallModel();
        var text = new string('a', 100);
        foreach (var name in new[] { "fixed64", "truncation8" })
        {
            _folder.Write("tokenizer.json", ReadCase($"trunc_pad/{name}.json"));
            using var model = ModelSource.Open(_folder.Path);
            Assert.Equal(100, model.Tokenizer.Encode(text).Length);
            Assert.Equal(100, TokenizerSource.Open(_folder.File("tokenizer.json")).Tokenizer.Encode(text).Length);
            Assert.NotEqual(
                (100, 1),
                (TokenizerSource.Open(_folder.File("tokenizer.json")).NamedTokenizer.Encode(text).Length,
                    TokenizerSource.Open(_folder.File("tokenizer.json")).NamedTokenizer.Encode("a").Length));
        }

        _folder.Write("tokenizer_config.json", """{"tokenizer_class":"LlamaTokenizerFast","add_bos_token":true,"bos_token":"<s>"}""");
        Assert.Equal([1, 4], TokenizerSource.Open(_folder.Path).Tokenizer.Encode("a", addSpecialTokens: true));
        File.Copy(SharedData.Path(SmolLm2 + "/tokenizer.json"), _folder.File("tokenizer.json"), overwrite: true);
        _folder.Write("tokenizer_config.json", ReadCase("add_bos/tokenizer_config.json"));
        Assert.Equal(1, TokenizerSource.Open(_folder.Path).Tokenizer.Encode("a", addSpecialTokens: true)[0]);
        _folder.Write("tokenizer_config.json", ReadCase("added_tokens_decoder/tokenizer_config.json"));
        Assert.Equal([49152, 49153], TokenizerSource.Open(_folder.Path).Tokenizer.Encode("<tool_call><|pad|>"));
        _folder.Write("tokenizer_config.json", """{"added_tokens_decoder":{"60000":{"content":"<far>"}}}""");
        Assert.Contains(_folder.Path, Assert.Throws<TokenizerException>(() => TokenizerSource.Open(_folder.Path).Tokenizer).Message);
    }

    [Fact]
    public void What_is_absent_is_named()
    {
        AssertProblem("no such folder or file", _folder.File("absent"));
        AssertProblem("holds no weights", _folder.Path);
        AssertProblem("not start with 'GGUF'", _folder.Write("x.bin", "not a model"));
        using var tensors = new ArrayTensors().Add("a", [1], [1]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, ["a"], StoredFloatType.F32);
        AssertProblem("config.json: The file is absent", _folder.Path);
        AssertProblem("name their folder", _folder.File("model.safetensors"));
        _folder.Write("config.json", "[]");
        AssertProblem("does not hold a JSON object", _folder.Path);
        File.Delete(_folder.File("model.safetensors"));
        _folder.Write("a.gguf", "");
        _folder.Write("b.gguf", "");
        AssertProblem("2 .gguf files", _folder.Path);
    }

    private static string ReadCase(string name) => File.ReadAllText(SharedData.Path($"cases/models/{name}"));

    private static void AssertProblem(string problem, string path) =>
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => ModelSource.Open(path)).Message);

    /// <summary>A model folder without weights to speak of, with a tokenizer of four tokens.</summary>
    private void WriteSmallModel()
    {
        using var tensors = new ArrayTensors().Add("model.norm.weight", [8], new float[8]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, tensors.Tensors.Keys, StoredFloatType.F32);
        _folder.Write(
            "config.json",
            """{"model_type":"llama","hidden_size":8,"intermediate_size":8,"num_attention_heads":2,"num_hidden_layers":1,"vocab_size":4"""
                + ""","bos_token_id":1,"eos_token_id":2}""");
        _folder.Write(
            "tokenizer.json",
            """{"model":{"type":"BPE","vocab":{"<unk>":0,"<s>":1,"</s>":2,"a":3},"merges":[]}}""");
    }
}
