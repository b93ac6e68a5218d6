using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class DeterministicTests : IDisposable
{
    private const int Others = 200;

    private readonly TemporaryFolder _folder = new();

    public DeterministicTests() => TinyChatModel.Write(_folder.File("model"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void A_prompt_is_answered_the_same_alone_and_among_others(string temperature)
    {
        const string Prompt = """{"prompt": "red or green or blue?"}""";
        string[] others = [.. Enumerable.Range(0, Others).Select(i => $$"""{"prompt": "{{new string('x', i % 90)}} number {{i}}"}""")];

        var alone = Generate("alone", temperature, [Prompt]);
        var among = Generate("among", temperature, [Prompt, .. others]);

        Assert.Equal(Others + 1, among.Length);
        Assert.Equal(alone[0], among[0]);
    }

    private string[] Generate(string name, string temperature, string[] rows)
    {
        var (input, output) = (_folder.File($"{name}.jsonl"), _folder.File($"{name}-answers.jsonl"));
        File.WriteAllLines(input, rows);
        ReboundProcess.Run(
            "generate", "--model", _folder.File("model"), "--input", input, "--output", output, "--deterministic", "--device", "cpu",
            "--max-new-tokens", "20", "--batch-size", "64", "--temperature", temperature, "--seed", "3").Succeeded();
        return [.. File.ReadLines(output).Select(line => JsonNode.Parse(line)!["output_ids"]!.ToJsonString())];
    }
}
