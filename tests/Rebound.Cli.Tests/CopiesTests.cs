using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Questions that are shared out over copies of a model.</summary>
public sealed class CopiesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CopiesTests()
    {
        TinyChatModel.Write(_folder.File("model"));
        File.WriteAllLines(
            _folder.File("questions.jsonl"),
            Enumerable.Range(0, 8).Select(n => $$"""{"question": "{{n}} + {{n}}?", "answer": "{{2 * n}}"}"""));
        _folder.Write("task.yml", "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        _folder.Write("prompt.yml", "question: \"{question}\"\nconditions: {right: {when: {reward: true}}, wrong: {prefix: \"[bad] \"}}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Copies_evaluate_to_the_files_of_one()
    {
        Run("evaluate", "one", "--guidance", "2", "--conditions", "right,guided");
        var said = Run("evaluate", "three", "--guidance", "2", "--conditions", "right,guided", "--parallel", "3");

        Assert.Matches(@"on 3 × cpu \(1 thread", said);
        Assert.Single(said.Split("million parameters").Skip(1));
        Assert.Equal(Episodes("one/right"), Episodes("three/right"));
        Assert.Equal(Episodes("one/guided"), Episodes("three/guided"));
        Assert.True(JsonNode.DeepEquals(Json("one/aggregate.json"), Json("three/aggregate.json")));
    }

    [Fact]
    public void A_collection_goes_on_on_another_number_of_copies()
    {
        string[] tries = ["--samples", "2", "--temperatures", "0.5,1"];
        Run("collect", "whole", tries);
        Run("collect", "parts", [.. tries, "--parallel", "2", "--concurrency", "1", "--budget-tokens", "500"]);
        Assert.InRange(Episodes("parts").Length, 1, 31);
        Run("collect", "parts", [.. tries, "--parallel", "3", "--concurrency", "2"]);

        Assert.Equal(Episodes("whole"), Episodes("parts"));
        Assert.Equal(Turns("whole/negative.json"), Turns("parts/negative.json"));
    }

    [Fact]
    public void Wrong_shares_are_refused_in_a_sentence()
    {
        Refused("--gpus is all, and --device is cpu: give one of them.", "--gpus", "all", "--device", "cpu");
        Refused("--gpus is ", "--gpus", "some");
        Refused("--parallel is 0; it must be at least 1.", "--parallel", "0");
        Refused("--gpus and --parallel are for a checkpoint", "--parallel", "2", "--endpoint", "http://localhost:1/v1");

        void Refused(string sentence, params string[] more) =>
            Assert.Contains(sentence, ReboundProcess.Run([.. Arguments("evaluate", "wrong"), .. more]).Refused());
    }

    private string Run(string command, string output, params string[] more)
    {
        var run = ReboundProcess.Run([.. Arguments(command, output), .. more]);
        run.Succeeded();
        return run.Error;
    }

    private string[] Arguments(string command, string output) =>
    [
        command, "--model", _folder.File("model"), "--task", _folder.File("task.yml"), "--max-tokens", "12", "--threads", "1",
        "--deterministic", "--output-dir", _folder.File(output),
    ];

    private string[] Episodes(string output) =>
    [
        .. File.ReadAllLines(_folder.File($"{output}/episodes.jsonl")).Select(line => JsonNode.Parse(line)!)
            .OrderBy(row => $"{row["id"]}/{row["source"]}/{row["sample"]}", StringComparer.Ordinal)
            .Select(row => row["conversations"]!.ToJsonString()),
    ];

    private IEnumerable<string> Turns(string file) => Json(file).AsArray().Select(row => row!["conversations"]!.ToJsonString());

    private JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(_folder.File(name)))!;
}
