using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>
/// A small model that is trained on logs with native calls, and then calls its tool itself: in a chat, an evaluation and a collection.
/// </summary>
public sealed class NativeAgentTests : IDisposable
{
    /// <summary>Tools and calls as Qwen and Hermes have them, in few words.</summary>
    private const string Template =
        "{% if tools %}<|im_start|>tools\n{% for tool in tools %}{{ tool.function.name }} {% endfor %}<|im_end|>\n{% endif %}"
        + "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}{% for call in message.tool_calls %}"
        + "<tool_call>{\"name\": \"{{ call.function.name }}\", \"arguments\": {{ call.function.arguments | tojson }}}</tool_call>{% endfor "
        + "%}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-native-").FullName;

    public NativeAgentTests()
    {
        TinyChatModel.Write(Path("model"), config: TinyChatModel.Config with { MaxPositions = 512 });
        var config = JsonNode.Parse(File.ReadAllText(Path("model/tokenizer_config.json")))!;
        config["chat_template"] = Template;
        File.WriteAllText(Path("model/tokenizer_config.json"), config.ToJsonString());
        File.WriteAllLines(Path("logs.jsonl"), [Log("6-2", "4", good: true), Log("6-2", "9", good: false)]);
        File.WriteAllText(Path("questions.jsonl"), """{"id": 1, "question": "6-2?", "answer": "4"}""");
        File.WriteAllText(Path("sums.yml"), "name: sums\nquestions: questions.jsonl\nscorer: number\ntools: [calculate]\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_it_was_trained_on_it_does()
    {
        ReboundProcess.Run(
            "train", "--model", Path("model"), "--data", Path("logs.jsonl"), "--output-dir", Path("agent"), "--max-steps",
            "150", "--learning-rate", "5e-3",
            "--per-device-train-batch-size", "2", "--quiet").Succeeded();
        var card = JsonNode.Parse(File.ReadAllText(Path("agent/rebound.json")))!;
        Assert.Equal("native", (string)card["tool_format"]!);
        Assert.Equal(["calculate", "finish"], card["tools"]!.AsArray().Select(tool => (string)tool!["function"]!["name"]!));

        // A chat streams; the calculator comes with the tools that the card names.
        var chat = ReboundProcess.Run(["chat", Path("agent"), "--temperature", "0"], environment: null, "6-2?\n").Succeeded();
        Assert.Equal("Call: calculate {\"expression\": \"6-2\"}\nResult: 4\nCall: finish {\"answer\": \"4\"}\nAnswer: 4\n\n", chat);

        ReboundProcess.Run(
            "evaluate", Path("agent"), "--task", Path("sums.yml"), "--conditions", "positive,negative", "--temperature", "0",
            "--output-dir", Path("results")).Succeeded();
        var results = JsonNode.Parse(File.ReadAllText(Path("results/aggregate.json")))!;
        Assert.Equal(
            [1.0, 0.0], new[] { "positive", "negative" }.Select(name => (double)results["conditions"]![name]!["accuracy"]!["value"]!));

        ReboundProcess.Run(
            "collect", "--model", Path("agent"), "--task", Path("sums.yml"), "--temperatures", "0", "--output-dir",
            Path("collected")).Succeeded();
        var row = JsonNode.Parse(Assert.Single(File.ReadAllLines(Path("collected/episodes.jsonl"))))!;
        Assert.Equal(
            ["calculate", "finish"],
            row["conversations"]!.AsArray().Where(turn =>
                turn!["tool_calls"] is not null).Select(turn => (string)turn!["tool_calls"]![0]!["function"]!["name"]!));

        // What it collected is learned as what it learned from.
        ReboundProcess.Run(
            "train", "--model", Path("agent"), "--data", Path("collected/positive.json"), "--question-path",
            Path("questions.jsonl"), "--prompt", "outcome",
            "--output-dir", Path("again"), "--max-steps", "1", "--quiet").Succeeded();
        Assert.Equal(card["tools"]!.ToJsonString(), JsonNode.Parse(File.ReadAllText(Path("again/rebound.json")))!["tools"]!.ToJsonString());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private static string Log(string expression, string answer, bool good) => new JsonObject
    {
        ["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = $"{expression}?" },
            Call("a", "calculate", "expression", expression),
            new JsonObject { ["role"] = "tool", ["tool_call_id"] = "a", ["content"] = "4" },
            Call("b", "finish", "answer", answer)),
        ["tools"] = new JsonArray(Tool("calculate", "expression"), Tool("finish", "answer")),
        ["label"] = good,
    }.ToJsonString();

    private static JsonObject Call(string id, string name, string argument, string value) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["tool_calls"] = new JsonArray(new JsonObject
        {
            ["id"] = id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = name, ["arguments"] = new JsonObject { [argument] = value }.ToJsonString() },
        }),
    };

    private static JsonObject Tool(string name, string argument) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name,
            ["description"] = name,
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [argument] = new JsonObject { ["type"] = "string" } },
            },
        },
    };
}
