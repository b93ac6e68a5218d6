using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class ImproveTests(LearnedWorld world) : IClassFixture<LearnedWorld>
{
    [Fact]
    public async Task An_improvement_that_is_killed_goes_on_to_the_rounds_that_it_would_have_made()
    {
        var whole = ReboundProcess.Run(world.Improve("whole"));
        var printed = whole.Succeeded();
        Assert.Matches(@"start +0\.0 \(", printed);
        Assert.Matches(@"  2 +\d+/40 +\d+ \+ \d+ ", printed);
        Assert.Contains("report.html", printed, StringComparison.Ordinal);
        Assert.Contains("training nat from that model on all distinct successes", whole.Error, StringComparison.Ordinal);
        Assert.Matches(@"Round 1, trying: 40/40 episodes in ", whole.Error);

        using (var process = new RunningProcess(world.Improve("killed")))
        {
            while (Lines("killed/round-01/trajectories/episodes.jsonl") < 5 && !process.HasEnded)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.False(process.HasEnded);
            process.Kill();
            await process.EndAsync();
        }

        using (var process = new RunningProcess(world.Improve("killed")))
        {
            while (Lines("killed/round-02/model/metrics.jsonl") < 4 && !process.HasEnded)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            await process.InterruptAsync();
            await process.EndAsync();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("The same command goes on in", process.Said, StringComparison.Ordinal);
        }

        var again = JsonNode.Parse(ReboundProcess.Run([.. world.Improve("killed"), "--json"]).Succeeded())!;

        Assert.Equal(Rounds(JsonNode.Parse(await File.ReadAllTextAsync(
            world.PathOf("whole/improve.json"), TestContext.Current.CancellationToken))!), Rounds(again));
        foreach (var round in (string[])["round-01", "round-02"])
        {
            Assert.Equal(
                File.ReadAllBytes(world.PathOf($"whole/{round}/model/model.safetensors")),
                File.ReadAllBytes(world.PathOf($"killed/{round}/model/model.safetensors")));
        }
    }

    [Fact]
    public async Task A_teacher_behind_a_server_makes_the_tries_of_the_first_round()
    {
        await using var server = new LocalServer(async (number, context) =>
        {
            await ChatServer.ReadAsync(context);
            await ChatServer.Say(context, number % 4 == 3 ? "I cannot say." : $"Thought: I know.\nAction: finish[{Answer(number)}]");
        });

        var result = ReboundProcess.Run(
            world.Improve(
                "taught", "--teacher-model", "sage", "--teacher-base-url", server.Address.ToString(), "--rounds", "1", "--samples", "1",
                "--concurrency", "1"));

        result.Succeeded();
        Assert.Contains("those of round 1 by sage", result.Error, StringComparison.Ordinal);
        var record = JsonNode.Parse(await File.ReadAllTextAsync(
            world.PathOf("taught/round-01/round.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(
            ("sage", 20, 15),
            ((string?)record["collected"]!["model"], (int)record["collected"]!["tries"]!, (int)record["collected"]!["successes"]!));
        Assert.Equal("nat", (string?)record["trained"]!["method"]);
    }

    [Fact]
    public void What_cannot_be_done_is_said_at_once()
    {
        var error = ReboundProcess.Run(world.Improve(
            "none", "--rounds", "0", "--temperatures", "hot", "--budget-minutes", "0", "--learning-rate", "-1", "--model", "nowhere",
            "--teacher-endpoint", "http://localhost:1")).Refused();
        Assert.All(
            (string[])["--rounds is 0", "'hot'", "--budget-minutes is 0", "--learning-rate is -1", "nowhere does not exist",
                "--teacher-endpoint needs --teacher-model"],
            needle => Assert.Contains(needle, error, StringComparison.Ordinal));

        var both = ReboundProcess.Run(world.Improve("none", "--eval-question-path", world.Questions)).Refused();
        Assert.Contains("4 of 4 held-out questions are also tried", both, StringComparison.Ordinal);

        var unsaid = ReboundProcess.Run("improve", "--model", world.Model, "--task", "gsm8k", "--output-dir", world.PathOf("none")).Refused();
        Assert.Contains("--data or --eval-question-path is required", unsaid, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.PathOf("none")));
    }

    /// <summary>The right answer to the question of a place.</summary>
    private string Answer(int place) =>
        (string)JsonNode.Parse(File.ReadLines(world.Questions).ElementAt(place))!["answer"]!;

    private int Lines(string name) => File.Exists(world.PathOf(name)) ? File.ReadAllText(world.PathOf(name)).Count(c => c == '\n') : 0;

    /// <summary>The rounds without what they took.</summary>
    private static IEnumerable<string> Rounds(JsonNode results) => results["rounds"]!.AsArray().Select(round =>
    {
        round!.AsObject().Remove("seconds");
        return round.ToJsonString();
    });
}
