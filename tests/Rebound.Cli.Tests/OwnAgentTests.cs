using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>The way from a folder of logs to an agent, as docs/own-agent.md prints it.</summary>
public sealed partial class OwnAgentTests : IDisposable
{
    /// <summary>Stands in for the shell that a person types into: few steps and short answers.</summary>
    private const string Shell = """
        set -euo pipefail
        rebound() {
            case $1 in
                train) dotnet "$PROGRAM" "${@/--num-train-epochs/--logging-steps}" --max-steps 2 --per-device-train-batch-size 1 ;;
                chat) echo 'What is the weather in Rome, try 30?' | dotnet "$PROGRAM" "$@" --max-tokens 16 --step-limit 2 ;;
                evaluate) dotnet "$PROGRAM" "$@" --max-tokens 16 --step-limit 2 --task-end-index 1 ;;
                *) dotnet "$PROGRAM" "$@" ;;
            esac
        }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-own-agent-").FullName;

    private const string RecordedPart = "## Without logs";

    private static string Page { get; } = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "own-agent.md"));

    /// <summary>The page but for the part on agents that are recorded while they run.</summary>
    private static string Text { get; } = Page[..Page.IndexOf(RecordedPart, StringComparison.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_way_can_be_walked_as_it_is_printed()
    {
        var logs = Directory.CreateDirectory(Path.Combine(_folder, "logs")).FullName;
        foreach (var file in Directory.GetFiles(SharedData.Path("cases/data/own_logs")))
        {
            File.Copy(file, Path.Combine(logs, Path.GetFileName(file)));
        }

        File.Copy(
            SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"),
            Path.Combine(_folder, "SmolLM2-135M-Instruct.Q4_1.gguf"));
        File.WriteAllText(Path.Combine(_folder, "weather.cs"), Blocks("csharp").Single());
        MakeBase();
        File.WriteAllText(Path.Combine(_folder, "walk.sh"), Shell + string.Concat(Blocks("sh")));
        var walk = ShellRun.Of("cd \"$1\" && PROGRAM=\"$2\" bash walk.sh", _folder, ReboundProcess.Program);

        Assert.True(walk.ExitCode == 0, walk.Error + walk.Output);
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "agent", "rebound.json")))!;
        Assert.Equal(("native", "get_weather"), ((string)card["tool_format"]!, (string)card["tools"]![0]!["function"]!["name"]!));
        Assert.Equal("You are a weather agent.", (string)card["prompt"]!["opening"]![0]!["content"]!);
        Assert.DoesNotContain("nothing provides", walk.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "results", "aggregate.json")));
        Assert.True(File.Exists(Path.Combine(_folder, "results-text", "aggregate.json")));
        Assert.Contains("Action: get_weather[", File.ReadAllText(Path.Combine(_folder, "train-text.jsonl")), StringComparison.Ordinal);
    }

    /// <summary>A real agent with a tool runs unmodified between the commands that are printed: recorded, told of, and trained on.</summary>
    [Fact]
    public async Task A_running_agent_is_recorded_and_trained_on_as_it_is_printed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        var blocks = Blocks("sh", Page[Page.IndexOf(RecordedPart, StringComparison.Ordinal)..]).ToArray();
        await using var upstream = new LocalServer(CallThenTellAsync);
        MakeBase();
        var recorded = Path.Combine(_folder, "recorded");
        string[] record = [.. blocks[0].TrimEnd().Split(' ')[1..].Select(word => word switch
        {
            "http://127.0.0.1:8000/v1" => $"{upstream.Address}v1",
            "recorded" => recorded,
            _ => word,
        })];
        using var gateway = new RunningProcess([.. record, "--port", "0"]);
        Assert.True(await gateway.SaysAsync("export OPENAI_BASE_URL="), gateway.Said);
        var address = new Uri(gateway.Said.Split("OPENAI_BASE_URL=")[1].Trim());

        var client = new OpenAI.OpenAIClient(
            new System.ClientModel.ApiKeyCredential("sk-key"), new OpenAI.OpenAIClientOptions { Endpoint = address });
        var tool = AIFunctionFactory.Create(([Description("A city")] string city) => $"{city}: 21", "get_weather", "Weather of a city");
        var agent = new ChatClientAgent(client.GetChatClient("any").AsIChatClient(), new ChatClientAgentOptions
        {
            ChatOptions = new ChatOptions { Instructions = "You are a weather agent.", Tools = [tool] },
        });
        await agent.RunAsync("Rome?", cancellationToken: TestContext.Current.CancellationToken);
        await agent.RunAsync("Oslo?", cancellationToken: TestContext.Current.CancellationToken);
        File.WriteAllText(
            Path.Combine(_folder, "tell.sh"), blocks[1].Replace("http://127.0.0.1:8090/v1", $"{address}", StringComparison.Ordinal));
        var told = ShellRun.Of("cd \"$1\" && bash -e tell.sh", _folder);
        await gateway.SignalAsync("TERM");
        await gateway.EndAsync();
        File.WriteAllText(Path.Combine(_folder, "train.sh"), Shell + blocks[2]);
        var trained = ShellRun.Of("cd \"$1\" && PROGRAM=\"$2\" bash train.sh", _folder, ReboundProcess.Program);

        Assert.Equal("{\"id\":\"chatcmpl-1\",\"reward\":1}{\"id\":\"chatcmpl-3\",\"reward\":0}", told.Output);
        Assert.Equal(0, gateway.ExitCode);
        Assert.True(trained.ExitCode == 0, trained.Error + trained.Output);
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "agent-recorded", "rebound.json")))!;
        Assert.Equal(("native", "get_weather"), ((string)card["tool_format"]!, (string)card["tools"]![0]!["function"]!["name"]!));
        Assert.Equal("You are a weather agent.", (string)card["prompt"]!["opening"]![0]!["content"]!);
    }

    /// <summary>A model that asks for the weather once, and then tells it.</summary>
    private static async Task CallThenTellAsync(int number, System.Net.HttpListenerContext context)
    {
        var last = (await ChatServer.ReadAsync(context))["messages"]!.AsArray()[^1]!;
        var message = (string?)last["role"] == "tool"
            ? new JsonObject { ["role"] = "assistant", ["content"] = "It is 21 degrees." }
            : new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = null,
                ["tool_calls"] = new JsonArray(new JsonObject
                {
                    ["id"] = $"call_{number}",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = "{\"city\": \"Rome\"}" },
                }),
            };
        await LocalServer.Say(context, 200, new JsonObject
        {
            ["id"] = $"chatcmpl-{number}",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = "upstream-model",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = message,
                ["finish_reason"] = message["tool_calls"] is null ? "stop" : "tool_calls",
            }),
        }.ToJsonString());
    }

    /// <summary>A small model of Qwen3's shape, with its tokenizer and chat template.</summary>
    private void MakeBase()
    {
        var shape = Path.Combine(_folder, "qwen3.json");
        File.WriteAllText(shape, """
            {"model_type": "qwen3", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "vocab_size": 151669,
             "max_position_embeddings": 1024, "rms_norm_eps": 1e-6, "rope_theta": 10000, "tie_word_embeddings": true, "hidden_act": "silu"}
            """);
        ReboundProcess.Run(
            "init", "--tokenizer", SharedData.Path("tokenizers/qwen3"), "--like", shape, "--output",
            Path.Combine(_folder, "base")).Succeeded();
    }

    private static IEnumerable<string> Blocks(string language, string? text = null) =>
        Block().Matches(text ?? Text).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["lines"].Value);

    [GeneratedRegex(@"^```(?<language>sh|csharp)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Block();
}
