using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Tool servers and judges that the command line starts, and those that a file only asks for.</summary>
public sealed class ToolServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-mcp-").FullName;

    private string Mark => Path.Combine(_folder, "mark");

    private string Case => string.Join(' ', NodeServer.Case().Select(word => $"'{word}'"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_agent_is_told_of_a_servers_tools_and_calls_them()
    {
        var asked = "";
        await using var model = Model(
            turn => turn == 0 ? "Thought: a\nAction: web.search[Ulm]" : "Thought: b\nAction: finish[yes]",
            request => asked = (string)request["messages"]![0]!["content"]!);

        Collect(model, Task("tools: []"), "--mcp", Case).Succeeded();

        var row = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "positive.json")))![0]!;
        Assert.Equal("Observation: web.search got {\"q\":\"Ulm\"}", (string?)row["conversations"]![1]!["content"]);
        Assert.Contains("- web.search: dot. Takes \"q\" (string).", asked);
        Assert.Contains("web.search", File.ReadAllText(Path.Combine(_folder, "out", "prompt.json")));
    }

    [Fact]
    public async Task A_server_that_dies_stops_the_run_and_leaves_no_episode()
    {
        await using var model = Model(_ => "Action: die[]");

        var run = Collect(model, Task("tools: []"), "--mcp", Case);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("srv.mjs is gone while die was called: it ended with exit code 3.", run.Error);
        Assert.Empty(File.ReadAllText(Path.Combine(_folder, "out", "episodes.jsonl")));
    }

    [Theory]
    [InlineData(
        "mcp", "asks for a tool server, which would run with your rights:\n  touch ", "give --mcp with the same words, or --allow-mcp")]
    [InlineData("judge", "asks to judge by a command, which would run with your rights:\n  touch ",
        "give --judge with the same words, or --allow-mcp")]
    public async Task A_file_starts_no_process_by_itself(string kind, string said, string help)
    {
        await using var model = Model(_ => "Action: finish[yes]");
        var task = kind == "mcp" ? Task($"mcp: ['touch {Mark}']") : Task($"scorer: {{command: 'touch {Mark}'}}");

        var refused = Collect(model, task).Refused();

        Assert.Contains(said, refused);
        Assert.Contains(help, refused);
        Assert.False(File.Exists(Mark));
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Theory]
    [InlineData("--allow-mcp")]
    [InlineData("--allow-commands")]
    [InlineData("--judge")]
    public async Task A_command_that_is_allowed_judges(string option)
    {
        await using var model = Model(_ => "Action: finish[whatever]");
        const string Judge = "grep -q whatever";

        Collect(
            model,
            Task($"scorer: {{command: '{Judge}'}}\nexamples: [{{answer: x, given: whatever}}, {{answer: x, given: other, right: false}}]"),
            option is "--judge" ? [option, Judge] : [option]).Succeeded();

        Assert.Single(JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "positive.json")))!.AsArray());
        Assert.Equal(Judge, (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "collection.json")))!["judge"]);
    }

    [Fact]
    public async Task A_judge_that_fails_stops_the_run()
    {
        await using var model = Model(_ => "Action: finish[yes]");

        var run = Collect(model, Task(""), "--judge", "sh -c 'echo no model >&2; exit 7'");
        var untrue = Collect(model, Task("examples: [{answer: yes, given: yes}]"), "--judge", "false");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "ended with exit code 7, which is neither 0 for a success nor 1 for a failure. It last wrote:\n  no model", run.Error);
        Assert.Contains("The task mine cannot be judged: the scorer finds 'yes' wrong", untrue.Refused());
    }

    [Fact]
    public void Recorded_answers_are_judged_by_a_command()
    {
        var rows = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllText(rows, """{"gt": "x", "pred": "whatever"}""" + "\n" + """{"gt": "x", "pred": "x"}""");

        var scored = ReboundProcess.Run("evaluate", "--rescore", rows, "--task", Task(""), "--judge", "grep -q whatever").Succeeded();

        Assert.Equal(
            [true, false],
            scored.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (bool)JsonNode.Parse(line)!["info"]!["reward"]!));
    }

    [Theory]
    [InlineData("--mcp", "node 'my server.mjs", "the quote ' is not closed")]
    [InlineData("--mcp", " ", "--mcp is empty")]
    [InlineData("--mcp-env", "NO_SUCH_VARIABLE", "there is no such variable in the environment")]
    [InlineData("--tool-timeout", "0", "--tool-timeout is 0; it must be above 0")]
    public async Task Wrong_options_are_said(string option, string value, string expected)
    {
        await using var model = Model(_ => "Action: finish[yes]");

        Assert.Contains(expected, Collect(model, Task(""), option, value).Refused());
    }

    private static LocalServer Model(Func<int, string> say, Action<JsonNode>? see = null) => new(async (number, context) =>
    {
        var request = await ChatServer.ReadAsync(context);
        see?.Invoke(request);
        await ChatServer.Say(context, say(number));
    });

    private string Task(string more)
    {
        var path = Path.Combine(_folder, "mine.yml");
        File.WriteAllText(
            path,
            "name: mine\nquestions: q.jsonl\nprompt: "
                + $"yes-no-qa\n{(more.Contains("scorer:", StringComparison.Ordinal) ? "" : "scorer: yes-no\n")}{more}");
        File.WriteAllText(Path.Combine(_folder, "q.jsonl"), """{"question": "Is 2 even?", "answer": "yes"}""");
        return path;
    }

    private ReboundProcess Collect(LocalServer model, string task, params string[] more) => ReboundProcess.Run(
    [
        "collect", "--task", task, "--model", "test", "--endpoint", model.Address.ToString(), "--temperatures", "0", "--output-dir",
        Path.Combine(_folder, "out"), .. more,
    ]);
}
