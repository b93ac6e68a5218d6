using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class ChatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-chat-").FullName;

    public ChatTests() => TinyChatModel.Write(Path("model"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_questions_and_commands_and_what_is_saved_is_shown_and_trained_on()
    {
        var run = Chat(
            $"red?\n\n/good\n/condition\ngreen?\n/bad\n/save {Path("chat.jsonl")}\n/exit\nnever asked\n", "--model",
            Path("model"), "--max-tokens", "8");

        var said = run.Succeeded();
        Assert.Contains("Condition: none; nothing tells this model another.", said);
        Assert.Contains("Saved 2 exchanges", said);
        Assert.DoesNotContain('\u001b', said + run.Error);
        var shown = ReboundProcess.Run("data", "show", Path("chat.jsonl"), "--count", "2").Succeeded();
        Assert.Contains("positive", shown);
        Assert.Contains("cause token limit", shown);
        ReboundProcess.Run(
            "train", "--model", Path("model"), "--data", Path("chat.jsonl"), "--output-dir", Path("trained"),
            "--max-steps", "1", "--quiet").Succeeded();
        Assert.StartsWith(
            "{", Chat("red?\n", "--model", Path("trained"), "--json", "--max-tokens", "4", "--condition", "negative").Succeeded());
    }

    [Fact]
    public void Json_gives_a_trajectory_a_line_and_a_wrong_command_counts_at_the_end()
    {
        File.WriteAllText(Path("task.yml"), "name: sums\nquestions: none.jsonl\nscorer: number\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"), "question: \"{question}\"\nconditions: {right: {when: {reward: true}}, wrong: {prefix: \"[bad] \"}}\n");
        var run = Chat(
            "2 + 2?\n/retry\n/frobnicate\n", "--model", Path("model"), "--task", Path("task.yml"), "--json",
            "--max-tokens", "8", "--temperature", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("There is no command /frobnicate", run.Error);
        var rows = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(2, rows.Length);
        Assert.All(
            rows, row => Assert.Equal(("2 + 2?", "right"), ((string?)row["conversations"]![0]!["content"], (string?)row["condition"])));
        Assert.All(rows, row => Assert.InRange((int)row["usage"]!["output_tokens"]!, 1, 8));
        Assert.NotEqual(rows[0]["conversations"]!.ToJsonString(), rows[1]["conversations"]!.ToJsonString());
    }

    [Fact]
    public async Task A_model_behind_a_server_streams_and_its_failures_are_said()
    {
        await using var server = new LocalServer(async (number, context) =>
        {
            var request = await ChatServer.ReadAsync(context);
            await (number switch
            {
                0 => LocalServer.Say(context, 500, "oops"),
                1 when (bool)request["stream"]! =>
                    ChatServer.Stream(context, "Thought: add\nAct", "ion: calculate[2+2]\nObser", "vation: 5\nnonsense"),
                2 => ChatServer.Stream(context, "Action: fin", "ish[4]"),
                _ => LocalServer.Say(context, 401, """{"error": {"message": "bad key"}}"""),
            });
        });

        var run = Chat("2 + 2?\nagain?\n", "--model", "m", "--endpoint", server.Address.ToString(), "--task", "gsm8k");

        Assert.Equal(
            "Thought: add\nAction: calculate[2+2]\nObservation: 4\nAction: finish[4]\nAnswer: 4\n\n",
            run.Output[..run.Output.IndexOf("Failed", StringComparison.Ordinal)]);
        Assert.Contains("Failed, model error: the model could not be asked: the server answered 401", run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("""{"do_sample": true, "temperature": 0.6, "top_p": 0.9}""", null, "0.6",
        "temperature 0.6, top-p 0.9. --temperature chooses another")]
    [InlineData("""{"do_sample": true, "temperature": 0.6, "top_k": 5}""", "1.5", "1.5", "temperature 0.6, top-k 5")]
    [InlineData("""{"do_sample": false}""", null, "0", "temperature 0.")]
    [InlineData("""{"eos_token_id": 0}""", null, "0.7", null)]
    public void A_chat_without_tools_draws_as_the_model_says_unless_an_option_does(
        string config, string? option, string expected, string? said)
    {
        File.WriteAllText(Path("model/generation_config.json"), config);
        string[] options = option is null ? [] : ["--temperature", option];
        var run = Chat("red?\n", ["--model", Path("model"), "--json", "--max-tokens", "2", .. options]);

        Assert.Equal(expected, (string?)JsonNode.Parse(run.Succeeded())!["source"]);
        Assert.Equal(said is not null, run.Error.Contains("as the model's generation_config.json says", StringComparison.Ordinal));
        Assert.Contains(said ?? "", run.Error);
    }

    [Fact]
    public void What_cannot_be_talked_to_is_said_in_a_sentence()
    {
        Assert.Contains("--model or --adapter is required", Chat("", "--task", "gsm8k").Refused());
        Assert.Contains("none.gguf does not exist", Chat("", "--model", "none.gguf").Refused());
        Assert.Contains("'rebound pull someone/a-model'", Chat("", "--model", "someone/a-model").Refused());
        Assert.Contains("--temperature is 3", Chat("", "--model", Path("model"), "--temperature", "3").Refused());
        Assert.Contains(
            "The task strategyqa searches: give --index with an index, which 'rebound data index' makes",
            Chat("", "--model", Path("model"), "--task", "strategyqa").Refused());
        Assert.Contains("Nothing tells this model a condition", Chat("", "--model", Path("model"), "--condition", "negative").Refused());
        Assert.Contains("give one of them", Chat("", "--adapter", Path("model"), "--endpoint", "http://localhost:1").Refused());
    }

    private static ReboundProcess Chat(string lines, params string[] arguments) =>
        ReboundProcess.Run(["chat", .. arguments, "--threads", "1"], environment: null, lines);

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
