using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class CollectTests : IDisposable
{
    private const string Key = "secret-key-9012";
    private static readonly Dictionary<string, string> Environment = new() { ["OPENAI_API_KEY"] = Key };

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-collect-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Episodes_are_collected_split_and_counted()
    {
        // Right at the lower temperatures, wrong at the highest; a step with the calculator first.
        await using var server = new LocalServer(async (_, context) =>
        {
            var request = await ChatServer.ReadAsync(context);
            var isFirst = request["messages"]!.AsArray().Count == 1;
            var answer = (double)request["temperature"]! > 0.6 ? "5" : "4";
            await ChatServer.Say(context, isFirst ? "Thought: add\nAction: calculate[2+2]" : $"Thought: done\nAction: finish[{answer}]");
        });

        var run = Collect(server, questions: 5, "--json");

        var totals = JsonNode.Parse(run.Succeeded())!;
        Assert.Equal((15, 10, 5), ((int)totals["episodes"]!, (int)totals["successes"]!, (int)totals["causes"]!["wrong answer"]!));
        var positive = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "positive.json")))!.AsArray();
        Assert.Equal(10, positive.Count);
        Assert.Equal("Observation: 4", (string?)positive[0]!["conversations"]![1]!["content"]);
        Assert.Equal(5, JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "negative.json")))!.AsArray().Count);
        Assert.All(Directory.GetFiles(Path.Combine(_folder, "out")), file => Assert.DoesNotContain(Key, File.ReadAllText(file)));
        Assert.DoesNotContain(Key, run.Output + run.Error);
    }

    [Fact]
    public async Task A_collection_killed_ten_times_loses_and_doubles_nothing()
    {
        await using var server = new LocalServer(async (number, context) =>
        {
            await Task.Delay(10);
            await ((number % 41) switch
            {
                3 => LocalServer.Say(context, 429, "{}"),
                5 => LocalServer.Say(context, 500, "oops"),
                7 => LocalServer.Cut(context, "{"),
                9 => LocalServer.Say(context, 200, "nonsense"),
                _ => ChatServer.Say(context, "Thought: a\nAction: finish[4]"),
            });
        });
        var random = new Random(11);
        var seen = new HashSet<string>();
        for (var kill = 0; kill < 10; kill++)
        {
            using var process = new RunningProcess([.. Arguments(server, questions: 100), "--quiet"], keepsInputOpen: false, Environment);
            var before = Rows().Count;
            while (Rows().Count < before + random.Next(1, 15) && !process.HasEnded)
            {
                Thread.Sleep(random.Next(1, 20));
            }

            process.Kill();
            await process.EndAsync();
            var kept = Rows();
            Assert.Empty(seen.Except(kept));
            seen.UnionWith(kept);
        }

        Assert.InRange(seen.Count, 10, 299);
        Collect(server, questions: 100).Succeeded();

        var rows = Rows();
        Assert.Equal(300, rows.Count);
        Assert.Equal(300, rows.Distinct().Count());
        Assert.Empty(seen.Except(rows));
        Assert.Equal(300, JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "positive.json")))!.AsArray().Count);
    }

    [Fact]
    public async Task What_cannot_be_collected_is_said()
    {
        await using var server = new LocalServer((_, context) => LocalServer.Say(context, 401, """{"error": {"message": "bad key"}}"""));

        var refused = Collect(server, questions: 30);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(
            "attempts left: the model could not be asked: the server answered 401 (bad key). Is the key right? The same command goes on",
            refused.Error);
        Assert.InRange(server.Requests, 1, 4);
        Assert.Contains("--temperatures has 'hot'", Collect(server, 1, "--temperatures", "hot").Refused());
        Assert.Contains("--step-limit is 0", Collect(server, 1, "--step-limit", "0").Refused());
        Assert.Contains("'questions': is", Collect(server, 1).Refused());
        Assert.Contains("'step_limit': is 7, and 3 was asked for", Collect(server, 30, "--step-limit", "3", "--quiet").Refused());
    }

    private ReboundProcess Collect(LocalServer server, int questions, params string[] more) =>
        ReboundProcess.Run([.. Arguments(server, questions), .. more], Environment);

    private string[] Arguments(LocalServer server, int questions)
    {
        var path = Path.Combine(_folder, "questions.jsonl");
        File.WriteAllLines(
            path, Enumerable.Range(0, questions).Select(i => $$"""{"question": "2 + 2, number {{i}}?", "answer": "#### 4"}"""));
        return
        [
            "collect", "--task", "gsm8k", "--question-path", path, "--model", "m", "--endpoint", server.Address.ToString(),
            "--output-dir", Path.Combine(_folder, "out"), "--concurrency", "4",
        ];
    }

    /// <summary>The episodes that are whole in the file.</summary>
    private List<string> Rows()
    {
        var path = Path.Combine(_folder, "out", "episodes.jsonl");
        if (!File.Exists(path))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [
            .. reader.ReadToEnd().Split('\n')[..^1].Select(line =>
                JsonNode.Parse(line)!).Select(row => $"{row["id"]}/{row["source"]}/{row["sample"]}")];
    }
}
