using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class SeveralAdaptersTests : IDisposable
{
    private const int Questions = 4;

    private readonly TemporaryFolder _folder = new();

    public SeveralAdaptersTests()
    {
        TinyChatModel.Write(Path("model"));
        TinyChatModel.WriteAdapter(Path("one"), Path("model"), change: 1);
        TinyChatModel.WriteAdapter(Path("two"), Path("model"), change: 2);
        File.WriteAllLines(
            Path("questions.jsonl"),
            Enumerable.Range(0, Questions).Select(n => $$"""{"question": "{{n}} + {{n}}?", "answer": "{{2 * n}}"}"""));
        File.WriteAllText(
            Path("task.yml"), "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"), "question: \"{question}\"\nconditions: {right: {when: {reward: true}, prefix: \"[good] \"}}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Adapters_are_evaluated_in_turn_over_weights_that_are_read_once_as_each_by_itself()
    {
        var both = Run("evaluate", "both", "--temperature", "1", "--adapter", Path("one"), "--adapter", Path("two"));
        Run("evaluate", "alone", "--temperature", "1", "--adapter", Path("two"));

        Assert.Single(both.Error.Split("million parameters").Skip(1));
        Assert.Contains($"Loaded {Path("two")} beside the same weights", both.Error);
        Assert.Contains("paired", both.Output);
        Assert.NotEqual(Episodes("both/one/positive"), Episodes("both/two/positive"));
        Assert.Equal(Episodes("alone/positive"), Episodes("both/two/positive"));
        Assert.True(JsonNode.DeepEquals(Scores("alone"), Scores("both/two")));
    }

    [Fact]
    public void Adapters_collect_in_turn_each_in_its_own_folder()
    {
        Run("collect", "both", "--temperatures", "1", "--adapter", Path("one"), "--adapter", Path("two"));
        Run("collect", "alone", "--temperatures", "1", "--adapter", Path("two"));

        Assert.Equal(Episodes("alone"), Episodes("both/two"));
        Assert.NotEqual(Episodes("both/one"), Episodes("both/two"));
    }

    private ReboundProcess Run(string command, string output, params string[] more)
    {
        var run = ReboundProcess.Run(
        [
            command, "--model", Path("model"), "--task", Path("task.yml"), "--output-dir", Path(output), "--max-tokens", "12",
            "--threads", "1", "--deterministic", .. more,
        ]);
        run.Succeeded();
        return run;
    }

    private JsonNode Scores(string output) =>
        JsonNode.Parse(File.ReadAllText(Path($"{output}/aggregate.json")))!["conditions"]!["positive"]!;

    private string[] Episodes(string output) =>
    [
        .. File.ReadAllLines(Path($"{output}/episodes.jsonl")).Select(line => JsonNode.Parse(line)!)
            .OrderBy(row => (int)row["id"]!).Select(row => row["conversations"]!.ToJsonString()),
    ];

    private string Path(string name) => _folder.File(name);
}
