using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class CollectLocalTests : IDisposable
{
    private const int Questions = 40;

    /// <summary>As many as keep a collection busy while a busy machine looks for its first episodes.</summary>
    private const int Samples = 6;

    private static readonly double[] Temperatures = [0.5, 1];

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-collect-").FullName;

    public CollectLocalTests()
    {
        TinyChatModel.Write(Path("model"));
        File.WriteAllLines(
            Path("questions.jsonl"),
            Enumerable.Range(0, Questions).Select(number => $$"""{"question": "{{number}} + {{number}}?", "answer": "{{2 * number}}"}"""));
        File.WriteAllText(
            Path("task.yml"), "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"), "question: \"{question}\"\nconditions: {right: {when: {reward: true}}, wrong: {prefix: \"[bad] \"}}\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_checkpoints_collection_that_is_killed_goes_on_to_what_it_would_have_been()
    {
        ReboundProcess.Run([.. Arguments("whole"), "--concurrency", "3"]).Succeeded();
        var whole = Episodes("whole");
        var random = new Random(5);
        var kills = 0;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var process = new RunningProcess([.. Arguments("killed"), "--concurrency", "8"]);
            var before = Count("killed");
            while (Count("killed") < before + random.Next(1, 12) && !process.HasEnded)
            {
                await Task.Delay(random.Next(1, 10), TestContext.Current.CancellationToken);
            }

            kills += process.HasEnded ? 0 : 1;
            process.Kill();
            await process.EndAsync();
        }

        ReboundProcess.Run([.. Arguments("killed"), "--concurrency", "5"]).Succeeded();

        Assert.InRange(kills, 1, 4);
        Assert.Equal(Questions * Temperatures.Length * Samples, whole.Count);
        Assert.Equal(whole, Episodes("killed"));
        Assert.Equal(whole.Count, whole.Keys.Distinct().Count());
        Assert.True(whole.Values.Distinct().Count() > whole.Count / 2, "Tries at one question are alike.");
        Assert.Contains("'seed'", ReboundProcess.Run([.. Arguments("killed"), "--seed", "2"]).Refused());
    }

    [Fact]
    public async Task A_collection_that_is_interrupted_keeps_what_ended_and_says_how_it_goes_on()
    {
        using var process = new RunningProcess(
            [.. Arguments("out").Where(argument => argument != "--quiet"), "--samples", "60", "--concurrency", "2"]);
        while (Count("out") < 3 && !process.HasEnded)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await process.InterruptAsync();
        await process.EndAsync();

        Assert.Equal(130, process.ExitCode);
        Assert.Contains("The same command goes on in", process.Said);
        Assert.Contains("tokens read", process.Said);
        Assert.True(File.Exists(Path("out/statistics.json")));
    }

    [Fact]
    public void A_checkpoint_is_asked_under_the_condition_and_its_failures_are_to_be_learned_from()
    {
        ReboundProcess.Run([.. Arguments("right"), "--task-end-index", "3"]).Succeeded();
        ReboundProcess.Run([.. Arguments("wrong"), "--task-end-index", "3", "--condition", "negative"]).Succeeded();

        Assert.NotEqual(Episodes("right"), Episodes("wrong"));
        var shown = ReboundProcess.Run("data", "stats", Path("right/negative.json"), "--json").Succeeded();
        Assert.Contains("malformed action", shown);
        Assert.Contains("missing does not exist", ReboundProcess.Run([.. Arguments("x"), "--model", Path("missing")]).Refused());
    }

    [Fact]
    public void Episodes_keep_the_tokens_that_training_takes_unless_they_are_dropped()
    {
        ReboundProcess.Run([.. Arguments("kept"), "--task-end-index", "4"]).Succeeded();
        ReboundProcess.Run([.. Arguments("dropped"), "--task-end-index", "4", "--token-ids", "drop"]).Succeeded();

        Assert.Matches(@"Token ids 1\d of 1\d answers as generated", Render("kept").Error);
        Assert.Contains("\"logprobs\":[null,", File.ReadAllText(Path("kept.jsonl")));
        Assert.DoesNotContain("Token ids", Render("dropped").Error);
        Assert.DoesNotContain("logprobs", File.ReadAllText(Path("dropped.jsonl")));

        ReboundProcess Render(string folder)
        {
            var run = ReboundProcess.Run(
                "data", "render", "--model", Path("model"), "--neg-path", Path($"{folder}/negative.json"), "--question-path",
                Path("questions.jsonl"), "--prompt", Path("prompt.yml"), "--output", Path($"{folder}.jsonl"));
            run.Succeeded();
            return run;
        }
    }

    private string[] Arguments(string output) =>
    [
        "collect", "--task", Path("task.yml"), "--output-dir", Path(output), "--max-tokens", "16", "--threads", "1", "--quiet",
        "--temperatures", string.Join(',', Temperatures), .. output is "out" ? Array.Empty<string>() : ["--samples", output is "whole" or "killed" ? $"{Samples}" : "2"],
        .. output == "x" ? Array.Empty<string>() : ["--model", Path("model")],
    ];

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private int Count(string folder) => File.Exists(Path($"{folder}/episodes.jsonl")) ? Lines(folder).Length : 0;

    /// <summary>
    /// The turns of every episode by its attempt, without log-probabilities: their last digit depends on what shared the batch.
    /// </summary>
    private SortedDictionary<string, string> Episodes(string folder)
    {
        var episodes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in Lines(folder).Select(line => JsonNode.Parse(line)!))
        {
            episodes.Add($"{row["id"]}/{row["source"]}/{row["sample"]}", EpisodeTurns.Of(row));
        }

        return episodes;
    }

    private string[] Lines(string folder)
    {
        using var reader = new StreamReader(
            new FileStream(Path($"{folder}/episodes.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n')[..^1];
    }
}
