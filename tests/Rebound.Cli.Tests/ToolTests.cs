using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class ToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-tool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Calculate_prints_the_result()
    {
        Assert.Equal("6\n", ReboundProcess.Run("tool", "calculate", "(2/3)*sqrt(81)").Succeeded());
        Assert.Equal("2\n", ReboundProcess.Run("tool", "calculate", "--", "-3 + 5").Succeeded());
        Assert.Equal("5/2", (string?)JsonNode.Parse(ReboundProcess.Run("tool", "calculate", "10/4", "--json").Succeeded())!["result"]);
    }

    [Fact]
    public void Rows_come_out_as_the_reference_has_them()
    {
        var expected = File.ReadAllLines(SharedData.Path("golden/nat/calculate.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        var (input, output) = (Path.Combine(_folder, "in.jsonl"), Path.Combine(_folder, "out.jsonl"));
        File.WriteAllLines(input, expected.Select(row => new JsonObject { ["expression"] = (string?)row["expression"] }.ToJsonString()));

        Assert.Empty(ReboundProcess.Run("tool", "calculate", "--input", input, "--output", output).Succeeded());

        var actual = File.ReadAllLines(output).Select(line => (string)JsonNode.Parse(line)!["result"]!).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(
            (string)pair.First["result"]! is var result
                && (result == pair.Second || (result.StartsWith("Error:") && pair.Second.StartsWith("Error:"))),
            $"{pair.First} but {pair.Second}"));
    }

    [Fact]
    public void An_error_is_said_and_fails()
    {
        var run = ReboundProcess.Run("tool", "calculate", "9**9**9");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("Error: ", run.Output);
    }

    [Fact]
    public void Documents_are_indexed_and_searched()
    {
        var (corpus, index) = (Path.Combine(_folder, "corpus.jsonl"), Path.Combine(_folder, "corpus.db"));
        File.WriteAllText(corpus, """
            {"title": "Rhine", "text": "The Rhine flows into the North Sea."}
            {"title": "Danube", "text": "The Danube flows into the Black Sea."}
            """);

        ReboundProcess.Run("data", "index", corpus, "--output", index).Succeeded();

        Assert.Equal(
            " #1: The Danube flows into the Black Sea. #2: The Rhine flows into the North Sea.\n",
            ReboundProcess.Run("tool", "search", "--index", index, "black sea").Succeeded());
        Assert.Contains("does not exist", ReboundProcess.Run("tool", "search", "--index", index + "2", "sea").Refused());
        Assert.Contains(
            "There is no file or folder", ReboundProcess.Run("data", "index", corpus + "2", "--output", index, "--quiet").Refused());
    }

    [Fact]
    public void An_index_that_does_not_fit_on_the_disk_is_said_and_leaves_nothing()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The limit of a file's size is that of a POSIX shell.");
        }

        var (corpus, index) = (Path.Combine(_folder, "corpus.txt"), Path.Combine(_folder, "corpus.db"));
        File.WriteAllLines(
            corpus, Enumerable.Range(0, 20_000).Select(i => $"The river {i} flows into sea {i % 7} and passes {i % 11} countries."));

        var run = ReboundProcess.RunLimited(fileKiB: 256, "data", "index", corpus, "--output", index, "--quiet");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{index} cannot be written: ", run.Error);
        Assert.Equal([corpus], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Wrong_combinations_are_refused()
    {
        Assert.Equal(2, ReboundProcess.Run("tool").ExitCode);
        Assert.Contains("<expression> or --input is required", ReboundProcess.Run("tool", "calculate").Refused());
    }
}
