using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-evaluate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Recorded_predictions_are_scored_as_the_reference_scores_them()
    {
        var expected = File.ReadAllLines(SharedData.Path("golden/nat/metrics.jsonl")).Select(line =>
            JsonNode.Parse(line)!.AsObject()).ToArray();
        foreach (var task in expected.GroupBy(row => (string)row["task"]!))
        {
            var input = Write(task.Select(row => new JsonObject { ["gt"] = row["gt"]!.DeepClone(), ["pred"] = row["pred"]!.DeepClone() }));
            var output = Path.Combine(_folder, "scored.jsonl");

            ReboundProcess.Run("evaluate", "--rescore", input, "--task", task.Key, "--output", output).Succeeded();

            var actual = File.ReadAllLines(output).Select(line => JsonNode.Parse(line)!["info"]).ToArray();
            Assert.Equal(task.Count(), actual.Length);
            Assert.All(
                task.Zip(actual),
                pair => Assert.True(JsonNode.DeepEquals(pair.First["info"], pair.Second), $"{pair.Second} is not {pair.First}"));
        }
    }

    [Fact]
    public void Rows_may_name_their_task_and_lack_a_prediction()
    {
        var input = Write(
            [new JsonObject { ["task"] = "StrategyQA", ["gt"] = false, ["pred"] = "NO" },
                new JsonObject { ["task"] = "svamp", ["gt"] = "#### 3" }]);

        var lines = ReboundProcess.Run("evaluate", "--rescore", input, "--quiet").Succeeded().TrimEnd().Split('\n');

        Assert.Contains("\"info\":{\"reward\":true,\"acc\":true,\"gt\":false,\"pred\":\"NO\"}", lines[0]);
        Assert.Contains("\"info\":{\"reward\":false,\"gt\":\"#### 3\"}", lines[1]);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        var input = Write([new JsonObject { ["gt"] = "1", ["pred"] = 1 }]);

        Assert.Contains("There is no task 'gsm9k'", ReboundProcess.Run("evaluate", "--rescore", input, "--task", "gsm9k").Refused());
        Assert.Contains("'task': is missing", ReboundProcess.Run("evaluate", "--rescore", input, "--quiet").Refused());
        Assert.Contains(
            "'pred': must be a string", ReboundProcess.Run("evaluate", "--rescore", input, "--task_name", "gsm8k", "--quiet").Refused());
    }

    private string Write(IEnumerable<JsonObject> rows)
    {
        var path = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllLines(path, rows.Select(row => row.ToJsonString()));
        return path;
    }
}
