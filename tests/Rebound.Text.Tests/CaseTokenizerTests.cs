using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Text.Tests;

/// <summary>Small tokenizers of unusual kinds, and what the tokenizers library 0.23.2 gives for them.</summary>
public sealed class CaseTokenizerTests
{
    /// <summary>Ids that the file and the library disagree about; a refusal by name is right.</summary>
    private static readonly string[] MayBeRefused = ["gap.json", "unsorted.json"];

    [Fact]
    public void Every_case_gives_what_the_library_gives()
    {
        var folder = Testing.SharedData.Path("cases/models/tokenizer");
        var cases = Directory.GetFiles(folder, "*.json").Where(path => Path.GetFileName(path) != "right.json").ToArray();
        Assert.True(cases.Length >= 14, $"only {cases.Length} cases");
        foreach (var path in cases)
        {
            try
            {
                Check(Path.GetFileName(path), Tokenizer.Load(path));
            }
            catch (TokenizerException e) when (MayBeRefused.Contains(Path.GetFileName(path)))
            {
                Assert.Contains("gives '<more>' the id", e.Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Tokenizers whose results are given, and whose files differ in a few words from one that is there.</summary>
    /// <param name="changes">What each is in that file, and what it becomes.</param>
    [Theory]
    [InlineData("zw_Isolated", "zwi_Contiguous", "Contiguous", "Isolated", "\"invert\": true", "\"invert\": false", @"(?=[a-z])",
        @"(?=(?:\\d{3})+(?!\\d))", "\"ab\": 36, \"abc\": 37", "\"12\": 36, \"123\": 37", "\"a b\", \"ab c\"", "\"1 2\", \"12 3\"")]
    [InlineData("zw_Removed", "zwi_Contiguous", "Contiguous", "Removed", "\"invert\": true", "\"invert\": false", @"(?=[a-z])",
        @"(?=(?:\\d{3})+(?!\\d))", "\"ab\": 36, \"abc\": 37", "\"12\": 36, \"123\": 37", "\"a b\", \"ab c\"", "\"1 2\", \"12 3\"")]
    [InlineData("zw_Contiguous", "zwi_Contiguous", "Contiguous", "Contiguous", "\"invert\": true", "\"invert\": false", @"(?=[a-z])",
        @"(?=(?:\\d{3})+(?!\\d))", "\"ab\": 36, \"abc\": 37", "\"12\": 36, \"123\": 37", "\"a b\", \"ab c\"", "\"1 2\", \"12 3\"")]
    [InlineData("zw_MergedWithPrevious", "zwi_Contiguous", "Contiguous", "MergedWithPrevious", "\"invert\": true", "\"invert\": false",
        @"(?=[a-z])", @"(?=(?:\\d{3})+(?!\\d))", "\"ab\": 36, \"abc\": 37", "\"12\": 36, \"123\": 37",
        "\"a b\", \"ab c\"", "\"1 2\", \"12 3\"")]
    [InlineData("zw_MergedWithNext", "zwi_Contiguous", "Contiguous", "MergedWithNext", "\"invert\": true", "\"invert\": false",
        @"(?=[a-z])", @"(?=(?:\\d{3})+(?!\\d))", "\"ab\": 36, \"abc\": 37", "\"12\": 36, \"123\": 37",
        "\"a b\", \"ab c\"", "\"1 2\", \"12 3\"")]
    [InlineData("zwi_Isolated", "zwi_Contiguous", "Contiguous", "Isolated")]
    [InlineData("zwi_Removed", "zwi_Contiguous", "Contiguous", "Removed")]
    [InlineData("zwi_MergedWithPrevious", "zwi_Contiguous", "Contiguous", "MergedWithPrevious")]
    [InlineData("zwi_MergedWithNext", "zwi_Contiguous", "Contiguous", "MergedWithNext")]
    [InlineData("padbl", "pad", "{\"Fixed\": 4}", "\"BatchLongest\"", "Right", "Left")]
    [InlineData("first_added_lstrip", "strip_added", "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}", "null",
        "\"lstrip\": false, \"rstrip\": false", "\"lstrip\": true, \"rstrip\": true")]
    [InlineData("wssplit_first", "strip_first", "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": false}", "null",
        "\"pre_tokenizer\": {", "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"WhitespaceSplit\"}, {",
        "\"split\": true}", "\"split\": true}]}")]
    [InlineData("wssplit_first_added", "strip_added", "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}", "null",
        "\"pre_tokenizer\": {", "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"WhitespaceSplit\"}, {",
        "\"split\": true}", "\"split\": true}]}")]
    public void Their_relatives_do_too(string name, string from, params string[] changes)
    {
        var json = File.ReadAllText(Testing.SharedData.Path($"cases/models/tokenizer/{from}.json"));
        foreach (var change in changes.Chunk(2))
        {
            Assert.Contains(change[0], json, StringComparison.Ordinal);
            json = json.Replace(change[0], change[1], StringComparison.Ordinal);
        }

        Check($"{name}.json", Tokenizer.Parse(Encoding.UTF8.GetBytes(json)));
    }

    private static void Check(string name, Tokenizer tokenizer)
    {
        var right = JsonNode.Parse(
            File.ReadAllText(Testing.SharedData.Path("cases/models/tokenizer/right.json")))![name]!["rows"]!.AsArray();
        var texts = new[] { "texts_one.jsonl", "texts_two.jsonl" }
            .Select(file => File.ReadAllLines(Testing.SharedData.Path($"cases/models/tokenizer/{file}")))
            .Single(lines => lines.Length == right.Count);
        foreach (var (line, row) in texts.Zip(right))
        {
            var text = JsonNode.Parse(line)!["text"]!.GetValue<string>();
            var ids = row!["ids"].Deserialize<int[]>()!;
            var seen = JsonSerializer.Serialize(text);
            Assert.Equal((name, seen, Show(ids)), (name, seen, Show(tokenizer.Encode(text))));
            Assert.Equal(
                (name, seen, Show(row["sp"].Deserialize<int[]>()!)), (name, seen, Show(tokenizer.Encode(text, addSpecialTokens: true))));
            Assert.Equal((name, seen, row["d"]!.GetValue<string>()), (name, seen, tokenizer.Decode(ids)));
            Assert.Equal((name, seen, row["ds"]!.GetValue<string>()), (name, seen, tokenizer.Decode(ids, skipSpecialTokens: true)));
        }
    }

    private static string Show(int[] ids) => string.Join(' ', ids);
}
