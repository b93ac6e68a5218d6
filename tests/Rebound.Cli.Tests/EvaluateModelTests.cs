using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class EvaluateModelTests : IDisposable
{
    private const int Questions = 5;
    private static readonly string[] Names = ["positive", "negative", "none", "guided"];

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-evaluate-").FullName;

    public EvaluateModelTests()
    {
        TinyChatModel.Write(Path("model"));
        File.WriteAllLines(Path("questions.jsonl"), Enumerable.Range(0, Questions).Select(number => new JsonObject
        {
            ["question"] = $"{number} + {number}?",
            ["answer"] = $"{2 * number}",
        }.ToJsonString()));
        File.WriteAllText(
            Path("task.yml"), "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"),
            "question: \"{question}\"\nconditions:\n  right:\n    when: {reward: true}\n    prefix: \"[good] \"\n  wrong:\n    prefix: "
                + "\"[bad] \"\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Conditions_and_guidance_are_compared_on_the_same_questions_and_every_episode_is_kept()
    {
        ReboundProcess.Run(Arguments("out", "--conditions", string.Join(',', Names), "--guidance", "1.5")).Succeeded();

        var report = JsonNode.Parse(File.ReadAllText(Path("out/aggregate.json")))!;
        foreach (var name in Names)
        {
            var scores = report["conditions"]![name]!;
            Assert.Equal(Questions, (int)scores["questions"]!);
            Assert.Equal(Questions, Episodes($"out/{name}").Count);
            Assert.All(
                new[] { "accuracy", "em", "f1" },
                metric => Assert.InRange((double)scores[metric]!["high"]!, (double)scores[metric]!["value"]!, 1));
            Assert.Equal(
                Questions - Math.Round((double)scores["accuracy"]!["value"]! * Questions),
                scores["causes"]!.AsObject().Sum(cause => (int)cause.Value!));
        }

        Assert.Equal(["negative", "none", "guided"], report["gaps"]!.AsArray().Select(gap => (string)gap!["other"]!));
        Assert.NotEqual(Episodes("out/positive"), Episodes("out/negative"));
        Assert.NotEqual(Episodes("out/positive"), Episodes("out/guided"));
    }

    [Fact]
    public void Episodes_are_the_same_whatever_shares_their_batch_and_a_second_run_makes_none()
    {
        ReboundProcess.Run(Arguments("one", "--batch-size", "1", "--temperature", "1")).Succeeded();
        ReboundProcess.Run(Arguments("many", "--batch-size", "4", "--temperature", "1", "--task_start_index", "-3")).Succeeded();
        var written = File.ReadAllBytes(Path("one/positive/episodes.jsonl"));
        ReboundProcess.Run(Arguments("one", "--batch-size", "3", "--temperature", "1")).Succeeded();

        var many = Episodes("many/positive");
        Assert.Equal(3, many.Count);
        Assert.All(many, episode => Assert.Equal(episode.Value, Episodes("one/positive")[episode.Key]));
        Assert.Equal(written, File.ReadAllBytes(Path("one/positive/episodes.jsonl")));
        Assert.Contains("'seed'", ReboundProcess.Run(Arguments("one", "--seed", "2")).Refused());
    }

    [Fact]
    public void Two_evaluations_are_compared_question_by_question()
    {
        ReboundProcess.Run(Arguments("before", "--condition", "wrong", "--temperature", "1")).Succeeded();
        var said = ReboundProcess.Run(Arguments("after", "--temperature", "1", "--compare-with", Path("before/wrong"))).Succeeded();

        var report = JsonNode.Parse(File.ReadAllText(Path("after/aggregate.json")))!;
        var before = JsonNode.Parse(File.ReadAllText(Path("before/aggregate.json")))!["conditions"]!["wrong"]!;
        Assert.True(JsonNode.DeepEquals(before, report["conditions"]![Path("before/wrong")]));
        Assert.Equal(Path("before/wrong"), (string?)report["gaps"]![0]!["other"]);
        Assert.Contains("paired", said);

        Assert.Contains(
            "has no episode of question 0 at temperature 0.5", Refused("--temperature", "0.5", "--compare-with", Path("before/wrong")));
        Assert.Contains("holds no episodes", Refused("--compare-with", Path("nowhere")));
        File.AppendAllText(Path("questions.jsonl"), """{"question": "9?", "answer": "9"}""");
        Assert.Contains("'questions': is", Refused("--temperature", "1", "--compare-with", Path("before/wrong")));

        string Refused(params string[] more) => ReboundProcess.Run(Arguments("other", more)).Refused();
    }

    [Fact]
    public async Task A_served_model_is_scored_and_compared_with_a_checkpoint()
    {
        ReboundProcess.Run(Arguments("here")).Succeeded();
        var requests = new System.Collections.Concurrent.ConcurrentQueue<JsonNode>();
        await using var server = new LocalServer(async (_, context) =>
        {
            requests.Enqueue(await ChatServer.ReadAsync(context));
            await ChatServer.Say(context, "Thought: easy.\nAction: finish[4]");
        });

        string[] served = ["evaluate", "--model", "served", "--endpoint", $"{server.Address}", "--task", Path("task.yml"),
            "--output-dir", Path("served")];
        ReboundProcess.Run([.. served, "--extra-body", """{"top_k": 5}""", "--compare-with", Path("here/positive")]).Succeeded();

        Assert.Equal(Questions, requests.Count);
        Assert.All(requests, request => Assert.Equal(("served", 5), ((string)request["model"]!, (int)request["top_k"]!)));
        var report = JsonNode.Parse(File.ReadAllText(Path("served/aggregate.json")))!;
        Assert.Equal(1.0 / Questions, (double)report["conditions"]!["positive"]!["accuracy"]!["value"]!);
        Assert.Equal(Path("here/positive"), (string?)report["gaps"]![0]!["other"]);
        Assert.Contains(
            "--guidance needs a checkpoint that is computed here", ReboundProcess.Run([.. served, "--guidance", "1"]).Refused());
    }

    [Fact]
    public void Questions_that_cannot_be_used_are_left_out_where_that_is_asked_for()
    {
        File.AppendAllLines(
            Path("questions.jsonl"),
            ["{", """{"question": "9?"}""", """{"question": "9?", "answer": "9", "id": 0}""", """{"question": "8?", "answer": "8"}"""]);

        Assert.Contains("add --on-bad-row skip to leave them out.", ReboundProcess.Run(Arguments("out")).Refused());
        ReboundProcess.Run(Arguments("out", "--on-bad-row", "skip", "--task-start-index", "-2")).Succeeded();
        Assert.Equal(["4", "8"], Episodes("out/positive").Keys.Order());
    }

    [Fact]
    public void A_server_that_is_not_there_ends_the_evaluation()
    {
        var run = ReboundProcess.Run(
            "evaluate", "--model", "m", "--endpoint", "http://127.0.0.1:9/v1", "--task", Path("task.yml"), "--output-dir", Path("out"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is the server running, and is the port right?", run.Error);
        Assert.False(File.Exists(Path("out/aggregate.json")));
    }

    [Fact]
    public void Other_questions_of_the_same_numbers_are_another_evaluation()
    {
        ReboundProcess.Run(Arguments("out", "--task-end-index", "1")).Succeeded();
        var others = Path("others.jsonl");
        File.WriteAllText(others, """{"question": "9?", "answer": "9"}""");

        Assert.Contains("'questions'", ReboundProcess.Run(Arguments("out", "--question-path", others)).Refused());
    }

    [Fact]
    public void What_cannot_be_evaluated_is_said_in_a_sentence()
    {
        Assert.Contains(
            "--model or --adapter is required, unless --rescore is given", ReboundProcess.Run("evaluate", "--task", "gsm8k").Refused());
        Assert.Contains("--output-dir is required", ReboundProcess.Run("evaluate", "--model", Path("model"), "--task", "gsm8k").Refused());
        Assert.Contains(
            "--task is required", ReboundProcess.Run("evaluate", "--model", Path("model"), "--output-dir", Path("out")).Refused());
        Assert.Contains("needs --guidance", ReboundProcess.Run(Arguments("out", "--conditions", "guided")).Refused());
        Assert.Contains("has no condition 'best'", ReboundProcess.Run(Arguments("out", "--conditions", "right,best")).Refused());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private string[] Arguments(string output, params string[] more) =>
    [
        "evaluate", "--model", Path("model"), "--task", Path("task.yml"), "--output_dir", Path(output), "--max-tokens",
        "12", "--threads", "1", "--quiet",
        .. more,
    ];

    /// <summary>The turns of every episode by question.</summary>
    private Dictionary<string, string> Episodes(string folder) => File.ReadAllLines(Path($"{folder}/episodes.jsonl"))
        .Select(line => JsonNode.Parse(line)!).ToDictionary(row => $"{row["id"]}", EpisodeTurns.Of);
}
