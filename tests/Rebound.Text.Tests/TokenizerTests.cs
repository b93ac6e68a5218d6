using System.Text;
using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Text.Bpe;

namespace Rebound.Text.Tests;

public sealed class TokenizerTests
{
    public static TheoryData<string> Folders { get; } =
        new("tokenizers/llama2", "tokenizers/llama3", "tokenizers/qwen3", "models/smollm2-135m-instruct");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Decoding_by_parts_gives_what_decoding_at_once_gives_and_never_half_a_character(string folder)
    {
        var tokenizer = SharedTokenizers.Get(folder);
        var random = new Random(3);
        foreach (var text in SampleTexts.Many(300, seed: 4))
        {
            var ids = tokenizer.Encode(text);
            int[] mixed = [.. ids.Where(_ => random.Next(3) > 0), random.Next(tokenizer.VocabularySize), random.Next(260)];
            foreach (var sequence in new[] { ids, mixed })
            {
                var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
                var parts = sequence.Select(decoder.Append).ToList();
                parts.Add(decoder.Flush());
                Assert.Equal(tokenizer.Decode(sequence), string.Concat(parts));
                Assert.DoesNotContain(parts, part => part.Length > 0 && (char.IsLowSurrogate(part[0]) || char.IsHighSurrogate(part[^1])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Threads_and_overloads_give_the_same_ids(string folder)
    {
        var tokenizer = SharedTokenizers.Get(folder);
        var texts = SampleTexts.Many(200, seed: 8).ToArray();
        var expected = texts.Select(text => tokenizer.Encode(text, addSpecialTokens: true)).ToArray();
        var threads = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < texts.Length; i++)
            {
                var list = new List<int>();
                tokenizer.Encode(texts[i], list, addSpecialTokens: true);
                Assert.Equal(expected[i], list);
                var writer = new System.Buffers.ArrayBufferWriter<int>();
                tokenizer.Encode(texts[i], writer, addSpecialTokens: true);
                Assert.Equal(expected[i], writer.WrittenSpan.ToArray());
            }
        }));
        await Task.WhenAll(threads);
    }

    [Fact]
    public void Cutting_before_merging_changes_no_ids()
    {
        var tokenizer = SharedTokenizers.Get("tokenizers/llama2");
        var whole = new TextEncoder(tokenizer.Definition, new AddedTokenMatcher([]), new AddedTokenMatcher([]), boundaries: null);
        var cut = new TextEncoder(
            tokenizer.Definition, new AddedTokenMatcher([]), new AddedTokenMatcher([]), MergeBoundaries.Of(tokenizer.Definition.Model));
        foreach (var text in SampleTexts.Many(1000, seed: 9))
        {
            Assert.Equal(whole.Encode(text, addSpecialTokens: false).ToArray(), cut.Encode(text, addSpecialTokens: false).ToArray());
        }
    }

    [Fact]
    public void The_heap_merges_as_the_scan_does()
    {
        var random = new Random(2);
        var merges = new List<(int Left, int Right, int Merged)>();
        for (var i = 0; i < 200; i++)
        {
            merges.Add((random.Next(4 + i), random.Next(4 + i), 4 + i));
        }

        var merger = new SymbolMerger(new MergeTable(merges));
        for (var i = 0; i < 2000; i++)
        {
            var scanned = Enumerable.Range(0, random.Next(1, 64)).Select(_ => random.Next(4)).ToArray();
            var heaped = scanned.ToArray();
            var scannedCount = merger.MergeByScanning(scanned);
            Assert.Equal(scannedCount, merger.MergeByHeap(heaped));
            Assert.Equal(scanned[..scannedCount], heaped[..scannedCount]);
        }
    }

    [Fact]
    public void The_cache_never_changes_ids_however_full()
    {
        var cache = new WordCache();
        var output = new TokenBuffer();
        var random = new Random(1);
        for (var i = 0; i < 300_000; i++)
        {
            var word = random.Next(200_000).ToString("x") + (i % 3 == 0 ? "é" : i % 5 == 0 ? "longer than eight" : "");
            int[] ids = [.. word.Take(1 + (word.Length % 3)).Select(c => (int)c),
                .. word.Length % 3 == 0 ? Array.Empty<int>() : [word.Length]];
            output.Clear();
            if (cache.TryGet(word, output, out var key))
            {
                Assert.Equal(ids, output.Span.ToArray());
            }
            else
            {
                cache.Store(word, ids, key);
            }
        }
    }

    [Fact]
    public void Lone_surrogates_count_as_the_replacement_character()
    {
        var tokenizer = SharedTokenizers.Get("tokenizers/qwen3");
        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD😀\uFFFD"), tokenizer.Encode("a\uD800b\uDC00😀\uD83D"));
    }

    [Fact]
    public void Tokenizers_share_a_fingerprint_where_ids_mean_the_same()
    {
        var json = ByteTokenizer.Json();
        string[] all = [.. Folders.Select(folder => SharedTokenizers.Get(folder.Data).Fingerprint), Tokenizer.Parse(json).Fingerprint];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[^1], Tokenizer.Parse(ByteTokenizer.Json()).Fingerprint);

        json["added_tokens"]![0]!["content"] = "<other>";
        Assert.NotEqual(all[^1], Tokenizer.Parse(json).Fingerprint);
    }

    [Fact]
    public void A_long_run_is_encoded_whole()
    {
        var tokenizer = SharedTokenizers.Get("tokenizers/llama3");
        foreach (var unit in new[] { "a", " ", "\n", "ab", "é" })
        {
            var text = string.Concat(Enumerable.Repeat(unit, 100_000));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Fact]
    public void Tokens_are_described_readably()
    {
        var tokenizer = SharedTokenizers.Get("tokenizers/qwen3");
        Assert.Equal(" the", tokenizer.DescribeToken(tokenizer.Encode(" the")[0]));
        Assert.True(tokenizer.TryGetId("<|im_end|>", out var end));
        Assert.Equal("<|im_end|>", tokenizer.DescribeToken(end));
        Assert.True(tokenizer.TryGetId("â", out var lead));
        Assert.Equal("<0xE2>", tokenizer.DescribeToken(lead));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.IdToToken(tokenizer.VocabularySize));
    }

    [Theory]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{}}}""", "WordPiece")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}}}""", "no merges")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "'b', which model.vocab does not hold")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""", "the id 0 to both 'a' and 'b'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "the id -1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""", "dropout")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"cache":1}}""", "model.cache is not known")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"extra":1}""", "tokenizer.extra is not known")]
    [InlineData("""{"normalizer":{"type":"Precompiled"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "Precompiled")]
    [InlineData("""{"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"vocab":{"a":0},"merges":[]}}""", "BertPreTokenizer")]
    [InlineData("""{"decoder":{"type":"CTC"},"model":{"vocab":{"a":0},"merges":[]}}""", "CTC")]
    [InlineData("""{"added_tokens":[{"id":7,"content":"<x>"}],"model":{"vocab":{"a":0},"merges":[]}}""",
        "the id 7, but the next free id is 1")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":[""", "not valid JSON")]
    [InlineData("[]", "must be an object")]
    [InlineData("{}", "no model")]
    public void What_is_damaged_or_not_known_is_an_error_by_name(string json, string part) => Assert.Contains(
        part, Assert.Throws<TokenizerException>(() => Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Truncation_and_padding_are_honoured()
    {
        var json = JsonNode.Parse(
            """
            {"truncation":{"direction":"Left","max_length":2,"strategy":"LongestFirst","stride":0},
             "padding":{"strategy":{"Fixed":3},"direction":"Right","pad_to_multiple_of":4,"pad_id":2,"pad_type_id":0,"pad_token":"c"},
             "model":{"vocab":{"a":0,"b":1,"c":2},"merges":[]}}
            """)!.AsObject();
        Assert.Equal([1, 0, 2, 2], Tokenizer.Parse(json).Encode("ababa"));
    }

    [Theory]
    [InlineData("Right", "LongestFirst", "0 1")]
    [InlineData("Left", "OnlyFirst", "1 0")]
    public void Truncation_keeps_one_end(string direction, string strategy, string ids) =>
        Assert.Equal(ids, string.Join(' ', Shortened(direction, strategy).Encode("aabababa"[1..])));

    [Fact]
    public void Only_a_second_text_may_be_shortened_where_there_is_none()
    {
        Assert.Equal([0, 1], Shortened("Right", "OnlySecond").Encode("ab"));
        Assert.Contains(
            "shortens the second of two texts",
            Assert.Throws<TokenizerException>(() => Shortened("Right", "OnlySecond").Encode("aba")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"strategy":{"Fixed":5},"direction":"Left","pad_to_multiple_of":null,"pad_id":1}""", "1 1 1 0 0")]
    [InlineData("""{"strategy":{"Fixed":5},"direction":"Left","pad_to_multiple_of":4,"pad_id":1}""", "1 1 1 1 1 1 0 0")]
    [InlineData("""{"strategy":{"Fixed":1},"direction":"Right","pad_to_multiple_of":null,"pad_id":1}""", "0 0")]
    [InlineData("""{"strategy":{"Fixed":0},"direction":"Right","pad_to_multiple_of":8,"pad_id":1}""", "0 0")]
    [InlineData("""{"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":4,"pad_id":1}""", "0 0 1 1")]
    [InlineData("""{"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":0,"pad_id":1}""", "0 0")]
    public void Padding_fills_up_to_its_length(string padding, string ids) => Assert.Equal(
        ids,
        string.Join(
            ' ',
            Tokenizer.Parse(
                JsonNode.Parse($$$"""{"padding":{{{padding}}},"model":{"vocab":{"a":0,"b":1},"merges":[]}}""")!.AsObject()).Encode("aa")));

    [Theory]
    [InlineData("""{"padding":{"strategy":{"Fixed":2000000000},"pad_id":0}}""", "Fixed is 2000000000, but must be at most 1048576")]
    [InlineData("""{"padding":{"strategy":"BatchLongest","pad_to_multiple_of":2000000000,"pad_id":0}}""",
        "pad_to_multiple_of is 2000000000")]
    [InlineData("""{"truncation":{"max_length":5,"strategy":"Newest"}}""", "strategy is 'Newest'")]
    public void Lengths_beyond_measure_are_errors_by_name(string json, string part)
    {
        var tokenizer = JsonNode.Parse(json)!.AsObject();
        tokenizer["model"] = new JsonObject { ["vocab"] = new JsonObject { ["a"] = 0 }, ["merges"] = new JsonArray() };
        Assert.Contains(part, Assert.Throws<TokenizerException>(() => Tokenizer.Parse(tokenizer)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", """{"vocab":{"a":0},"merges":[]}""")]
    [InlineData("normalizer", "null")]
    public void A_member_that_is_there_twice_is_refused(string name, string value) => Assert.Equal(
        $"The tokenizer has {name} twice.",
        Assert.Throws<TokenizerException>(() =>
            Tokenizer.Parse(Encoding.UTF8.GetBytes($$"""{"{{name}}":{{value}},"{{name}}":{{value}}}"""))).Message);

    [Theory]
    [InlineData("""{"type":"BertProcessing","sep":["[SEP]",0],"cls":["[CLS]",2147483647]}""", 2147483647)]
    [InlineData("""{"type":"RobertaProcessing","sep":["</s>",-1],"cls":["<s>",0]}""", -1)]
    [InlineData(
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{"x":"""
            + """{"id":"x","ids":[0,2],"tokens":["x"]}}}""", 2)]
    public void What_is_put_around_a_text_must_be_tokens(string postProcessor, int id)
    {
        var tokenizer = Tokenizer.Parse(
            JsonNode.Parse($$$"""{"post_processor":{{{postProcessor}}},"model":{"vocab":{"a":0,"b":1},"merges":[]}}""")!.AsObject());
        Assert.Equal([0], tokenizer.Encode("a"));
        var error = Assert.Throws<TokenizerException>(() => tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Equal($"post_processor puts the id {id} around a text, but no token has it; ids run from 0 to 1.", error.Message);
    }

    /// <summary>White space that one token swallows and another one is, with every way of stripping; what the library 0.23 gives.</summary>
    [Theory]
    [InlineData(false, false, "2 2 2")]
    [InlineData(true, false, "2 2 2")]
    [InlineData(false, true, "2 2 2")]
    [InlineData(true, true, "2")]
    public void White_space_tokens_that_strip_white_space(bool left, bool right, string ids) =>
        Assert.Equal(
            ids,
            string.Join(
                ' ',
                Added($$"""{"id":2,"content":"\n","lstrip":{{Json(left)}},"rstrip":{{Json(right)}},"normalized":false}""")
                    .Encode("\n\n\n")));

    [Theory]
    [InlineData(true, false, 300_000)]
    [InlineData(false, true, 300_000)]
    [InlineData(true, true, 1)]
    public void Long_white_space_is_looked_through_once(bool left, bool right, int tokens) => Assert.Equal(
        tokens,
        Added($$"""{"id":2,"content":"\n","lstrip":{{Json(left)}},"rstrip":{{Json(right)}},"normalized":false}""")
            .Encode(new string('\n', 300_000)).Length);

    [Fact]
    public void An_added_token_beyond_measure_is_refused() => Assert.Contains(
        "added_tokens[0].content has 1001 characters",
        Assert.Throws<TokenizerException>(() => Added($$"""{"id":2,"content":"{{new string('x', 1001)}}"}""")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("a<x>b", "0 1")]
    [InlineData("a <x> b", "0 3 2 3 1")]
    [InlineData("<x><x>", "2 2")]
    [InlineData("é<x>", "")]
    public void A_single_word_has_no_word_beside_it(string text, string ids) =>
        Assert.Equal(
            ids,
            string.Join(
                ' ',
                Added("""{"id":2,"content":"<x>","single_word":true,"normalized":false},{"id":3,"content":" ","normalized":false}""")
                    .Encode(text)));

    [Theory]
    [InlineData("pretokenizers", "pre_tokenizer")]
    [InlineData("normalizers", "normalizer")]
    [InlineData("decoders", "decoder")]
    [InlineData("processors", "post_processor")]
    public void Sequences_nest_within_the_bound(string list, string component)
    {
        var deep = string.Concat(Enumerable.Repeat($$"""{"type":"Sequence","{{list}}":[""", 20_000))
            + string.Concat(Enumerable.Repeat("]}", 20_000));
        var json = $$$"""{"{{{component}}}":{{{deep}}},"model":{"vocab":{"a":0},"merges":[]}}""";
        Assert.Contains(
            "nests more than 200 deep",
            Assert.Throws<TokenizerException>(() => Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json))).Message,
            StringComparison.Ordinal);
    }

    private static string Json(bool value) => value ? "true" : "false";

    private static Tokenizer Added(string tokens) => Tokenizer.Parse(
        JsonNode.Parse($$$"""{"added_tokens":[{{{tokens}}}],"model":{"vocab":{"a":0,"b":1},"merges":[]}}""")!.AsObject());

    private static Tokenizer Shortened(string direction, string strategy) => Tokenizer.Parse(JsonNode.Parse(
        $$$"""
        {"truncation":{"direction":"{{{direction}}}","max_length":2,"strategy":"{{{strategy}}}","stride":0},
         "model":{"vocab":{"a":0,"b":1},"merges":[]}}
        """)!.AsObject());
}
