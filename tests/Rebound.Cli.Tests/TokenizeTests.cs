using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class TokenizeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-tokenize-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("llama2", "tokenizers/llama2")]
    [InlineData("llama3", "tokenizers/llama3/tokenizer.json")]
    [InlineData("qwen3", "tokenizers/qwen3")]
    [InlineData("smollm2", "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void Rows_come_out_as_the_oracle_has_them(string name, string tokenizer)
    {
        var expected = File.ReadAllLines(SharedData.Path($"golden/tokens/{name}.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        var texts = Write("texts.jsonl", expected.Select(row => new JsonObject { ["text"] = row["text"]!.DeepClone() }.ToJsonString()));
        var output = Path.Combine(_folder, "ids.jsonl");

        Assert.Empty(
            ReboundProcess.Run("tokenize", "--tokenizer", SharedData.Path(tokenizer), "--input", texts, "--output", output).Succeeded());

        var actual = File.ReadAllLines(output).Select(line => JsonNode.Parse(line)).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second), $"{pair.Second}\nis not\n{pair.First}"));
    }

    [Fact]
    public void A_text_is_shown_piece_by_piece_or_as_json()
    {
        var tokenizer = SmallTokenizer();

        var table = ReboundProcess.Run("tokenize", "--tokenizer", tokenizer, "ab b\n<end>").Succeeded();
        var json = JsonNode.Parse(ReboundProcess.Run("tokenize", "--tokenizer", _folder, "ab b\n<end>", "--json").Succeeded())!;

        Assert.Matches(@"(?m)^\s*0\s+3\s+ab\s+ab\s*$", table);
        Assert.Matches(@"(?m)^\s*3\s+5\s+Ċ\s+\\n\s*$", table);
        Assert.Contains("5 tokens", table);
        Assert.Equal([3, 4, 2, 5, 6], json["ids"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(["ab", "Ġ", "b", "Ċ", "<end>"], json["pieces"]!.AsArray().Select(piece => (string)piece!));
        Assert.Equal("ab b\n<end>", (string?)json["decoded"]);
    }

    [Fact]
    public void A_file_is_shown_with_the_truncation_that_it_keeps_and_a_models_folder_without()
    {
        var file = SharedData.Path("cases/models/trunc_pad/truncation8.json");
        File.Copy(file, Path.Combine(_folder, "tokenizer.json"));

        Assert.Contains("8 tokens", ReboundProcess.Run("tokenize", "--tokenizer", file, "hello world").Succeeded());
        Assert.Contains("11 tokens", ReboundProcess.Run("tokenize", "--tokenizer", _folder, "hello world").Succeeded());
    }

    [Fact]
    public void What_a_file_fills_up_with_is_shown_by_its_name_there_where_no_token_has_its_id()
    {
        var json = JsonNode.Parse(File.ReadAllText(SharedData.Path("cases/models/trunc_pad/fixed64.json")))!;
        (json["padding"]!["pad_id"], json["padding"]!["pad_token"]) = (99_999_999, "<fill>");
        var file = Write("tokenizer.json", json.ToJsonString());

        Assert.Matches(
            @"(?m)^\s*63\s+99999999\s+<fill>\s+<fill>\s*$", ReboundProcess.Run("tokenize", "--tokenizer", file, "hello").Succeeded());
        var shown = JsonNode.Parse(ReboundProcess.Run("tokenize", "--tokenizer", file, "hello", "--json").Succeeded())!;
        Assert.Equal((99_999_999, "<fill>", "hello"), ((int)shown["ids"]![63]!, (string)shown["pieces"]![63]!, (string)shown["decoded"]!));
    }

    [Fact]
    public void Patterns_without_end_are_refused_in_a_sentence()
    {
        var tokenizer = Path.Combine(_folder, "tokenizer.json");
        WritePattern(new string('(', 30_000) + "a" + new string(')', 30_000));
        Assert.Contains("nests more than 200 deep", ReboundProcess.Run("tokenize", "--tokenizer", tokenizer, "a").Refused());
        WritePattern("(x+x+)+y");
        Assert.Contains("40 tokens", ReboundProcess.Run("tokenize", "--tokenizer", tokenizer, new string('x', 40)).Succeeded());

        void WritePattern(string pattern) => File.WriteAllText(
            tokenizer,
            $$$"""
            {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "{{{pattern}}}"}, "behavior": "Isolated", "invert": false},
             "model": {"vocab": {"a": 0, "x": 1}, "merges": []}}
            """);
    }

    [Fact]
    public void Rows_may_pass_from_standard_input_to_standard_output()
    {
        var run = ReboundProcess.Run(
            ["tokenize", "--tokenizer", SmallTokenizer(), "--input", "-", "--quiet"], environment: null,
            "{\"id\": 1, \"text\": \"ab<end>\"}\n\n");

        Assert.Equal(
            """
            {"id":1,"text":"ab<end>","ids":[3,6],"ids_with_special":[3,6],"decoded":"ab<end>","decoded_skip_special":"ab"}

            """,
            run.Succeeded());
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("""{"text": 5}""", "row 2: 'text': must be a string")]
    [InlineData("""{"words": "x"}""", "row 2: 'text': is missing")]
    [InlineData("nonsense", "row 2: is not valid JSON: it holds a word other than true, false and null.")]
    [InlineData("""["x"]""", "row 2: must be a JSON object")]
    public void A_malformed_row_is_named_with_its_line(string row, string expected)
    {
        var rows = Write("texts.jsonl", ["""{"text": "a"}""", row]);
        var output = Path.Combine(_folder, "out.jsonl");

        var error = ReboundProcess.Run(
            "tokenize", "--tokenizer", SmallTokenizer(), "--input", rows, "--output", output, "--quiet").Refused();

        Assert.Contains($"{rows}: {expected}", error);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void Wrong_combinations_and_files_are_refused()
    {
        var tokenizer = SmallTokenizer();

        Assert.Contains("<text> or --input is required", ReboundProcess.Run("tokenize", "--tokenizer", tokenizer).Refused());
        Assert.Contains("--tokenizer is required", ReboundProcess.Run("tokenize", "text").Refused());
        Assert.Contains(
            "--output goes with --input", ReboundProcess.Run("tokenize", "--tokenizer", tokenizer, "a", "--output", "x").Refused());
        Assert.Contains("There is no such folder or file", ReboundProcess.Run("tokenize", "--tokenizer", "/no/such", "text").Refused());
        Assert.Contains("not valid JSON", ReboundProcess.Run("tokenize", "--tokenizer", Write("bad.json", "{"), "text").Refused());
    }

    /// <summary>A byte-level vocabulary of a few characters, one merge and one special token, in a folder of its own.</summary>
    private string SmallTokenizer() => Write("tokenizer.json", """
        {
          "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [{"id": 6, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false},
          "post_processor": null,
          "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
          "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
            "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": {"<pad>": 0, "a": 1, "b": 2, "ab": 3, "Ġ": 4, "Ċ": 5}, "merges": ["a b"]}
        }
        """);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private string Write(string name, IEnumerable<string> rows) => Write(name, string.Join('\n', rows) + "\n");
}
