using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Inference.Generation;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Models.Tests;

/// <summary>A generation ends at every token whose text is a known end of a turn, whatever token a model's files name.</summary>
public sealed class EndOfTurnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_published_GGUF_that_names_another_token_still_ends_its_turns()
    {
        var bytes = File.ReadAllBytes(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        var key = "tokenizer.ggml.eos_token_id"u8;
        var value = bytes.AsSpan().IndexOf(key) + key.Length + sizeof(uint);
        Assert.Equal(2u, BitConverter.ToUInt32(bytes, value));
        bytes[value] = 0;
        using var source = ModelSource.Open(_folder.Write("m.gguf", bytes));
        Assert.Equal([0], source.NamedEndTokenIds);
        Assert.Equal([0, 2], source.EndTokenIds);
    }

    [Theory]
    [InlineData("<|im_end|>", true, true)]
    [InlineData("<|im_end|>", false, true)]
    [InlineData("<|eot_id|>", true, true)]
    [InlineData("<|eom_id|>", true, true)]
    [InlineData("<|end|>", true, true)]
    [InlineData("<end_of_turn>", true, true)]
    [InlineData("<|endoftext|>", true, true)]
    [InlineData("<|end_of_text|>", true, true)]
    [InlineData("<｜end▁of▁sentence｜>", true, true)]
    [InlineData("</s>", true, true)]
    [InlineData("</s>", false, false)]
    [InlineData("<eos>", false, false)]
    [InlineData("<|im_start|>", true, false)]
    [InlineData("<|eot_id", true, false)]
    [InlineData("</tool_call>", true, false)]
    public void A_folders_tokens_end_turns_by_their_text(string text, bool special, bool ends)
    {
        using var source = Folder((text, special));
        Assert.Equal(ends ? [1, 2] : [1], source.EndTokenIds);
        Assert.Equal([1], source.NamedEndTokenIds);
    }

    [Fact]
    public void An_end_of_a_message_is_none_of_a_turn_where_turns_have_several()
    {
        using var source = Folder(("<|end|>", true), ("<|return|>", true), ("<|call|>", true));
        Assert.Equal([1, 3, 4], source.EndTokenIds);
    }

    [Fact]
    public void Pieces_of_text_that_spell_an_end_are_none()
    {
        var vocabulary = new JsonObject { ["a"] = 0, ["</s>"] = 1, ["<"] = 2 };
        var tokenizer = Tokenizer.Parse(
            new JsonObject { ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() } });
        Assert.Empty(EndOfTurnTokens.Of(tokenizer));
    }

    [Fact]
    public void Ids_that_mean_none_are_none()
    {
        using var source = Folder(("<|im_end|>", true), generation: """{"eos_token_id":[-1,1]}""");
        Assert.Equal([1, 2], source.EndTokenIds);
    }

    private ModelSource Folder((string Text, bool Special) token, string generation) => Folder([token], generation);

    private ModelSource Folder(params (string Text, bool Special)[] tokens) => Folder(tokens, "{}");

    /// <summary>A model whose end token is 1, without weights to speak of, with added tokens from 2 on.</summary>
    private ModelSource Folder((string Text, bool Special)[] tokens, string generation)
    {
        using var tensors = new ArrayTensors().Add("model.norm.weight", [8], new float[8]);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, tensors.Tensors.Keys, StoredFloatType.F32);
        _folder.Write(
            "config.json",
            """{"model_type":"llama","hidden_size":8,"intermediate_size":8,"num_attention_heads":2,"num_hidden_layers":1,"vocab_size":8"""
                + ""","eos_token_id":1}""");
        _folder.Write("generation_config.json", generation);
        var added = tokens.Select((token, index) => (JsonNode)new JsonObject
        {
            ["id"] = 2 + index,
            ["content"] = token.Text,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = token.Special,
        });
        var json = JsonNode.Parse("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}}""")!.AsObject();
        json["added_tokens"] = new JsonArray([.. added]);
        File.WriteAllText(_folder.File("tokenizer.json"), json.ToJsonString(), new UTF8Encoding(false));
        return ModelSource.Open(_folder.Path);
    }
}
