using System.Text;
using System.Text.Json.Nodes;

namespace Rebound.Text.Tests;

/// <summary>What a model's <c>tokenizer_config.json</c> makes of its tokenizer.</summary>
public sealed class ModelTokenizerTests
{
    private const string Vocabulary = """{"<unk>": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4}""";

    [Theory]
    [InlineData("fixed64")]
    [InlineData("truncation8")]
    public void Saved_truncation_and_padding_are_the_files_own(string name)
    {
        var file = Tokenizer.Load(Testing.SharedData.Path($"cases/models/trunc_pad/{name}.json"));
        var text = string.Concat(Enumerable.Repeat("hello world ", 10));
        Assert.NotEqual((5, text.Length), (file.Encode("hello").Length, file.Encode(text).Length));
        var model = file.ForModel([]);
        Assert.Equal(text.Length, model.Encode(text).Length);
        Assert.Equal(5, model.Encode("hello").Length);
    }

    [Theory]
    [MemberData(nameof(GoldenTokensTests.Vocabularies), MemberType = typeof(GoldenTokensTests))]
    public void A_configuration_that_agrees_changes_nothing(string name, string folder)
    {
        var tokenizer = SharedTokenizers.Get(folder);
        var config = JsonNode.Parse(File.ReadAllText(Testing.SharedData.Path($"{folder}/tokenizer_config.json")))!.AsObject();
        var model = tokenizer.ForModel(config);
        Assert.Equal(tokenizer.AddedTokens, model.AddedTokens);
        Assert.Equal(tokenizer.VocabularySize, model.VocabularySize);
        foreach (var text in SampleTexts.Many(50, seed: name.Length))
        {
            Assert.Equal(tokenizer.Encode(text, addSpecialTokens: true), model.Encode(text, addSpecialTokens: true));
        }
    }

    [Fact]
    public void Tokens_that_the_configuration_alone_names_are_added_in_their_order()
    {
        var tokenizer = SharedTokenizers.Get("models/smollm2-135m-instruct").ForModel(
            JsonNode.Parse(
                File.ReadAllText(Testing.SharedData.Path("cases/models/added_tokens_decoder/tokenizer_config.json")))!.AsObject());
        var (a, b) = (tokenizer.Encode("a")[0], tokenizer.Encode("b")[0]);
        Assert.Equal([a, 49152, b, 49153], tokenizer.Encode("a<tool_call>b<|pad|>"));
        Assert.Equal("ab", tokenizer.Decode([a, 49152, b, 49153], skipSpecialTokens: true));
        Assert.Equal(49154, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("""{"added_tokens_decoder": {"6": {"content": "<y>"}, "5": {"content": "<x>"}}}""", "<x><y>", "5 6")]
    [InlineData("""{"added_tokens_decoder": {"5": {"__type": "AddedToken", "content": "<x>"}}, "pad_token": "<x>"}""", "<x>", "5")]
    [InlineData("""{"added_tokens_decoder": {"9": {"content": "<s>", "special": true}, "5": {"content": ""}}}""", "<s>a", "1 3")]
    [InlineData("""{"eos_token": "</s>", "pad_token": {"content": "<pad>", "lstrip": true}}""", "</s>a  <pad>", "2 3 5")]
    [InlineData("""{"additional_special_tokens": ["<t>", {"content": "<u>"}]}""", "<u><t>", "6 5")]
    [InlineData("""{"extra_special_tokens": {"image_token": "<i>"}}""", "<i>", "5")]
    [InlineData("""{"unk_token": null, "added_tokens_decoder": null}""", "ab", "3 4")]
    public void Added_tokens_get_the_ids_that_transformers_gives_them(string config, string text, string ids) =>
        Assert.Equal(ids, string.Join(' ', Toy("").ForModel(JsonNode.Parse(config)!.AsObject()).Encode(text)));

    [Theory]
    [InlineData("{}", """{"<y>": 6, "<x>": 5}""", "a<x><y>", "3 5 6", "a <x> <y>")]
    [InlineData("""{"pad_token": "<x>"}""", """{"<x>": 5}""", "<x>a", "5 3", "a")]
    [InlineData("""{"additional_special_tokens": ["<x>", "<z>"]}""", """{"<x>": 5, "<y>": 6}""", "<x><z>", "5 7", "")]
    [InlineData("{}", """{"a": 3, "</s>": 2}""", "</s>a", "2 3", "</s> a")]
    [InlineData("""{"added_tokens_decoder": {}}""", """{"<x>": 5}""", "<x>", "0 0 0", "<unk> <unk> <unk>")]
    public void Tokens_of_an_added_tokens_file_are_added_where_the_configuration_has_no_decoder(
        string config, string added, string text, string ids, string withoutSpecial)
    {
        var tokenizer = Toy("").ForModel(JsonNode.Parse(config)!.AsObject(), JsonNode.Parse(added)!.AsObject());
        Assert.Equal(ids, string.Join(' ', tokenizer.Encode(text)));
        Assert.Equal(withoutSpecial, tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: true));
    }

    [Fact]
    public void What_a_tokenizer_adds_itself_stays_as_it_is_there_whatever_an_added_tokens_file_says()
    {
        var tokenizer = Toy(""", "added_tokens": [{"id": 5, "content": "<x>", "special": true, "normalized": false, "rstrip": true}]""")
            .ForModel([], JsonNode.Parse("""{"<x>": 5}""")!.AsObject());
        Assert.Equal([5, 3], tokenizer.Encode("<x>  a"));
        Assert.Equal("a", tokenizer.Decode([5, 3], skipSpecialTokens: true));
    }

    [Theory]
    [InlineData("""{"<x>": 7}""", "added_tokens.json gives '<x>' the id 7, but the next free id is 5")]
    [InlineData("""{"<x>": "5"}""", "added_tokens.json gives '<x>' the id \"5\", which is no token's id")]
    [InlineData("""{"<x>": -1}""", "added_tokens.json gives '<x>' the id -1, which is no token's id")]
    public void An_added_tokens_file_that_contradicts_is_an_error_by_name(string added, string part) => Assert.Contains(
        part, Assert.Throws<TokenizerException>(() => Toy("").ForModel([], JsonNode.Parse(added)!.AsObject())).Message,
        StringComparison.Ordinal);

    [Fact]
    public void What_both_name_keeps_its_id_and_takes_the_configurations_properties()
    {
        var tokenizer = Toy(""", "added_tokens": [{"id": 5, "content": "<x>", "special": true, "normalized": false}]""").ForModel(
            JsonNode.Parse(
                """{"added_tokens_decoder": {"7": {"content": "<x>", "rstrip": true, "normalized": false}}, "pad_token": "<p>"}""")!
                    .AsObject());
        Assert.Equal([5, 3, 6], tokenizer.Encode("<x>  a<p>"));
        Assert.Equal("a", tokenizer.Decode([5, 3, 6], skipSpecialTokens: true));
    }

    [Theory]
    [InlineData("""{"added_tokens_decoder": {"7": {"content": "<x>"}}}""",
        "tokenizer_config.added_tokens_decoder.7 gives '<x>' the id 7, but the next free id is 5")]
    [InlineData("""{"added_tokens_decoder": {"x": {"content": "<x>"}}}""", "has the key 'x', which is no token's id")]
    [InlineData("""{"added_tokens_decoder": [1]}""", "must be an object of tokens")]
    [InlineData("""{"added_tokens_decoder": {"5": {}}}""", "tokenizer_config.added_tokens_decoder.5.content must be a string")]
    [InlineData("""{"pad_token": 7}""", "tokenizer_config.pad_token must be a token, but is 7")]
    [InlineData("""{"additional_special_tokens": "x"}""", "must be a list of tokens")]
    [InlineData("""{"tokenizer_class": "LlamaTokenizer", "add_bos_token": "yes"}""", "add_bos_token must be true or false")]
    public void What_contradicts_is_an_error_by_name(string config, string part) => Assert.Contains(
        part, Assert.Throws<TokenizerException>(() => Toy("").ForModel(JsonNode.Parse(config)!.AsObject())).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(false, """{"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true, "bos_token": "<s>"}""", "1 3")]
    [InlineData(
        false,
        """{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "add_eos_token": true, "bos_token": "<s>", "eos_token": "</s>"}""",
        "1 3 2")]
    [InlineData(false, """{"tokenizer_class": "LlamaTokenizer"}""", "1 3")]
    [InlineData(false, """{"tokenizer_class": "LlamaTokenizer", "add_bos_token": false}""", "3")]
    [InlineData(false, """{"tokenizer_class": "LlamaTokenizer", "bos_token": null}""", "3")]
    [InlineData(false, """{"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": true, "bos_token": "<s>"}""", "3")]
    [InlineData(false, """{"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": "<s>"}""", "3")]
    [InlineData(false, """{"add_bos_token": true, "bos_token": "<s>"}""", "1 3")]
    [InlineData(false, "{}", "3")]
    [InlineData(true, """{"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true, "bos_token": "<s>"}""", "1 3")]
    [InlineData(true, """{"tokenizer_class": "LlamaTokenizerFast"}""", "1 3 2")]
    [InlineData(
        true, """{"tokenizer_class": "GemmaTokenizerFast", "add_bos_token": false, "add_eos_token": true, "eos_token": "</s>"}""", "3 2")]
    [InlineData(true, """{"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": false}""", "1 3 2")]
    [InlineData(true, "{}", "1 3 2")]
    public void A_text_begins_and_ends_as_the_class_says(bool hasPostProcessor, string config, string ids)
    {
        var tokenizer = Toy(!hasPostProcessor ? "" : """
            , "post_processor": {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}}],
              "pair": [],
              "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]},
                "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}
            """).ForModel(JsonNode.Parse(config)!.AsObject());
        Assert.Equal(ids, string.Join(' ', tokenizer.Encode("a", addSpecialTokens: true)));
        Assert.Equal([3], tokenizer.Encode("a"));
    }

    private static Tokenizer Toy(string members) => Tokenizer.Parse(Encoding.UTF8.GetBytes(
        $$"""{"model": {"type": "BPE", "unk_token": "<unk>", "vocab": {{Vocabulary}}, "merges": []}{{members}}}"""));
}
