using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Text.Tests;

public sealed class GoldenTokensTests
{
    public static TheoryData<string, string> Vocabularies { get; } = new()
    {
        { "llama2", "tokenizers/llama2" },
        { "llama3", "tokenizers/llama3" },
        { "qwen3", "tokenizers/qwen3" },
        { "smollm2", "models/smollm2-135m-instruct" },
    };

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Every_golden_row_encodes_and_decodes_exactly(string name, string folder)
    {
        var tokenizer = SharedTokenizers.Get(folder);
        var rows = 0;
        foreach (var line in File.ReadLines(Testing.SharedData.Path($"golden/tokens/{name}.jsonl")))
        {
            var row = JsonNode.Parse(line)!;
            var text = row["text"]!.GetValue<string>();
            var ids = row["ids"].Deserialize<int[]>()!;
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(row["ids_with_special"].Deserialize<int[]>()!, tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(row["decoded"]!.GetValue<string>(), tokenizer.Decode(ids));
            Assert.Equal(row["decoded_skip_special"]!.GetValue<string>(), tokenizer.Decode(ids, skipSpecialTokens: true));
            rows++;
        }

        Assert.True(rows > 300, $"only {rows} rows");
    }
}
