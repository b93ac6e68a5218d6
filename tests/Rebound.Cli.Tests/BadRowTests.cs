using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Rows that cannot be used, in the commands that write something for each row, and where documents are indexed.</summary>
public sealed class BadRowTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-bad-rows-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string, string, string[]> Commands => new()
    {
        { "text", "\"ab\"", "[3]", ["tokenize", "--tokenizer", "model", "--input"] },
        { "messages", """[{"role": "user", "content": "a"}]""", "\"a\"", ["template", "--model", "model", "--input"] },
        { "prompt", "\"ab\"", "3", ["generate", "--model", "model", "--max-new-tokens", "1", "--input"] },
        { "expression", "\"1+1\"", "2", ["tool", "calculate", "--input"] },
        { "pred", "\"1\", \"gt\": \"1\"", "1, \"gt\": \"1\"", ["evaluate", "--task", "gsm8k", "--rescore"] },
        { "text", "\"The sea is deep.\"", "7", ["data", "index"] },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Bad_rows_end_the_command_with_all_of_them_or_are_left_out_and_told(string member, string good, string bad, string[] command)
    {
        TinyChatModel.Write(Path("model"));
        var (mixed, spoilt) = (Path("mixed.jsonl"), Path("spoilt.jsonl"));
        File.WriteAllLines(
            mixed, [$$"""{"{{member}}": {{good}}}""", $$"""{"{{member}}": {{bad}}}""", "{", $$"""{"{{member}}": {{good}}}"""]);
        File.WriteAllLines(spoilt, [$$"""{"{{member}}": {{bad}}}""", "{"]);

        var refused = Run(mixed, "--quiet").Refused();
        Assert.Contains($"mixed.jsonl: row 2: '{member}': must be", refused);
        Assert.Contains("mixed.jsonl: row 3: ", refused);
        Assert.Contains("add --on-bad-row skip to leave them out", refused);
        Assert.False(File.Exists(Path("out")));

        var run = Run(mixed, "--on-bad-row", "skip");
        run.Succeeded();
        Assert.Contains("2 bad rows were left out:", run.Error);
        Assert.Contains($"  1  {member}: must be", run.Error);
        Assert.Contains($"The first: {mixed}: row 2: '{member}': must be", run.Error);
        Assert.True(
            command[0] == "data"
                || File.ReadAllLines(Path("out")).Select(line => JsonNode.Parse(line)![member]!.ToJsonString()).Distinct().Count() == 1);

        File.Delete(Path("out"));
        foreach (string[] skip in new[] { new[] { "--quiet" }, ["--quiet", "--on-bad-row", "skip"] })
        {
            var hopeless = Run(spoilt, skip).Refused();
            Assert.Contains("spoilt.jsonl: row 1: ", hopeless);
            Assert.Contains("leaving bad ones out would leave nothing", hopeless);
            Assert.DoesNotContain("skip", hopeless);
            Assert.False(File.Exists(Path("out")));
        }

        ReboundProcess Run(string input, params string[] options) => ReboundProcess.Run(
            [.. command.Select(word => word == "model" ? Path("model") : word), input, .. options, "--output", Path("out")]);
    }

    [Fact]
    public async Task A_pipe_ends_at_its_first_bad_row_whatever_may_come_after_it()
    {
        using var process = new RunningProcess(["tool", "calculate", "--input", "-"], keepsInputOpen: true);

        await process.TypeAsync("""{"expression": "1+1"}""");
        await process.TypeAsync("{");
        await process.EndAsync();

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("standard input: row 2: ", process.Said);
        Assert.Contains("add --on-bad-row skip", process.Said);
    }

    [Theory]
    [InlineData("--on-bad-row goes with --input", "tokenize", "--tokenizer", "x", "a")]
    [InlineData("--on-bad-row goes with --input", "template", "--template", "x", "--messages", "m.json")]
    [InlineData("--on-bad-row goes with --input", "generate", "--model", "x", "--prompt", "a")]
    [InlineData("--on-bad-row goes with --input", "tool", "calculate", "1+1")]
    public void It_is_refused_where_no_rows_are_read(string expected, params string[] command) =>
        Assert.Contains(expected, ReboundProcess.Run([.. command, "--on-bad-row", "skip"]).Refused());

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
