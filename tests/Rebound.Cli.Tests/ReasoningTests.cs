using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Whether a model reasons: chosen in training, kept by its card, and asked for in the same tokens.</summary>
public sealed class ReasoningTests : IDisposable
{
    /// <summary>As Qwen3's: an empty thought opens the turn where reasoning is off.</summary>
    private const string Template =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n"
        + "{% if message.role == 'assistant' and enable_thinking is false %}<think></think>{% endif %}{{ message.content "
        + "}}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is false %}<think></think>{% endif %}{% endif %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-reasoning-").FullName;

    public ReasoningTests()
    {
        TinyChatModel.Write(Path("model"));
        File.WriteAllText(
            Path("logs.jsonl"), """{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]}""");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_is_asked_as_it_was_trained_unless_an_option_says_otherwise()
    {
        SetTemplate(Template);
        ReboundProcess.Run(
            "train", "--model", Path("model"), "--data", Path("logs.jsonl"), "--output-dir", Path("agent"), "--max-steps", "1",
            "--reasoning", "off", "--quiet").Succeeded();
        Assert.False((bool)JsonNode.Parse(File.ReadAllText(Path("agent/rebound.json")))!["reasoning"]!);

        var trained = Ids(
            ReboundProcess.Run("data", "render", "--model", Path("model"), "--data", Path("logs.jsonl"), "--reasoning", "off").Succeeded(),
            "input_ids");
        var asked = Asked("agent");
        Assert.Equal(trained[..asked.Length], asked);
        Assert.Equal(asked, Asked("model", "--reasoning", "off"));
        Assert.Equal(Asked("model"), Asked("agent", "--reasoning", "on"));
        Assert.NotEqual(Asked("model"), asked);

        // Training goes on as it was.
        Assert.Equal(
            trained,
            Ids(ReboundProcess.Run("data", "render", "--model", Path("agent"), "--data", Path("logs.jsonl")).Succeeded(), "input_ids"));
    }

    [Fact]
    public void What_cannot_be_told_is_refused_in_a_sentence()
    {
        foreach (var command in new string[][]
        {
            ["generate", Path("model"), "--message", "Why?"],
            ["chat", Path("model")],
            ["data", "render", "--model", Path("model"), "--data", Path("logs.jsonl")],
        })
        {
            var refused = ReboundProcess.Run([.. command, "--reasoning", "on"]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(
                "Reasoning cannot be turned on: the model's chat template reads neither enable_thinking nor thinking.", refused.Error);
        }

        var served = ReboundProcess.Run("chat", "--model", "m", "--endpoint", "http://127.0.0.1:9/v1", "--reasoning", "off");
        Assert.Equal(2, served.ExitCode);
        Assert.Contains("--reasoning is for a checkpoint that is computed here; many servers take --extra-body", served.Error);
    }

    private int[] Asked(string model, params string[] options) => Ids(
        ReboundProcess.Run(["generate", Path(model), "--message", "Why?", "--max-new-tokens", "1", "--json", .. options]).Succeeded(),
        "prompt_ids");

    private static int[] Ids(string json, string name) => [.. JsonNode.Parse(json)![name]!.AsArray().Select(id => (int)id!)];

    private void SetTemplate(string template)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path("model/tokenizer_config.json")))!;
        config["chat_template"] = template;
        File.WriteAllText(Path("model/tokenizer_config.json"), config.ToJsonString());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
