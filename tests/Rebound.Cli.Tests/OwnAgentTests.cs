using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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

    private static string Text { get; } = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "own-agent.md"));

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

    private static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Text).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["lines"].Value);

    [GeneratedRegex(@"^```(?<language>sh|csharp)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Block();
}
