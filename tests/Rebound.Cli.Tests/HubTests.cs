using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class HubTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-hub-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_model_that_was_pulled_is_taken_by_its_name()
    {
        TinyChatModel.Write(At("made"));
        await using var hub = new HubServer { Token = "hf_secret", CutAfter = 20_000 };
        foreach (var file in Directory.GetFiles(At("made")))
        {
            hub.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        var absent = Run(hub, "generate", "owner/model", "--message", "Hello!").Refused();
        Assert.Contains("'rebound pull owner/model' gets it", absent);
        Directory.CreateDirectory(At("home"));
        File.WriteAllText(At("home/token"), "hf_secret\n");

        var path = Run(hub, "pull", "owner/model").Succeeded().Trim();

        Assert.Equal(At($"home/hub/models--owner--model/snapshots/{HubServer.Commit}"), path);
        var listed = Assert.Single(JsonNode.Parse(Run(hub, "list", "--json").Succeeded())!.AsArray())!;
        Assert.Equal(("owner/model", "model", path), ((string?)listed["name"], (string?)listed["kind"], (string?)listed["path"]));
        Assert.Contains("owner/model", Run(hub, "list").Succeeded());
        var shown = JsonNode.Parse(Run(hub, "show", "owner/model", "--json").Succeeded())!;
        var made = JsonNode.Parse(Run(hub, "show", At("made"), "--json").Succeeded())!;
        Assert.Equal((long)made["parameters"]!, (long)shown["parameters"]!);
        Assert.Equal((long)made["bytes"]!, (long)shown["bytes"]!);
        Assert.True((int)shown["layers"]! > 0);
        string Generated(string model) => Run(
            hub, "generate", model, "--message", "Hello!", "--max-new-tokens", "5", "--device", "cpu").Succeeded();
        Assert.Equal(Generated(At("made")), Generated("owner/model"));
        Assert.Empty(hub.StoreTokens);
    }

    [Fact]
    public async Task What_cannot_be_pulled_is_said_in_a_sentence()
    {
        await using var hub = new HubServer();
        hub.Add("pytorch_model.bin", [1, 2, 3]);

        var name = Run(hub, "pull", "model").Refused();
        var pickles = Run(hub, "pull", "owner/model").Refused();
        var unknown = Run(hub, "pull", "owner/other").Refused();
        var offline = ReboundProcess.Run(
            ["pull", "owner/model"], new Dictionary<string, string> { ["HF_HOME"] = At("home"), ["HF_HUB_OFFLINE"] = "1" }).Refused();

        Assert.Contains("'model' is no name on the hub: OWNER/NAME is needed", name);
        Assert.Contains("pytorch_model.bin alone, a Python pickle", pickles);
        Assert.Contains("There is no owner/other at 127.0.0.1", unknown);
        Assert.Contains("HF_HUB_OFFLINE forbids to download it", offline);
        Assert.Contains("There is no model in", Run(hub, "list").Succeeded());
    }

    [Fact]
    public async Task A_trained_adapter_is_pushed_with_a_card_and_without_this_machines_paths()
    {
        TinyChatModel.Write(At("home/hub/models--owner--base/snapshots/0123/"));
        File.WriteAllText(At("home/hub/models--owner--base/snapshots/0123/README.md"), "---\nlicense: apache-2.0\n---\n# Base\n");
        Directory.CreateDirectory(At("home/hub/models--owner--base/refs"));
        File.WriteAllText(At("home/hub/models--owner--base/refs/main"), "0123");
        File.WriteAllLines(
            At("rows.jsonl"),
            Enumerable.Range(0, 4).Select(i => new JsonObject
            {
                ["messages"] = new JsonArray(
                    new JsonObject { ["role"] = "user", ["content"] = $"Question {i}?" },
                    new JsonObject { ["role"] = "assistant", ["content"] = "Yes." }),
                ["reward"] = i % 2,
            }.ToJsonString()));
        await using var hub = new HubServer { Exists = false, Token = "hf_secret" };
        Run(
            hub, "train", "--model", "owner/base", "--data", At("rows.jsonl"), "--output-dir", At("agent"), "--use-lora", "--max-steps", "2",
            "--save-steps", "1", "--device", "cpu").Succeeded();
        File.WriteAllText(At("agent/wandb-key.txt"), "secret");
        Directory.CreateDirectory(At("home"));
        var shown = JsonNode.Parse(Run(hub, "push", At("agent"), "owner/model", "--dry-run", "--json").Succeeded())!;
        var without = Run(hub, "push", At("agent"), "owner/model").Refused();
        File.WriteAllText(At("home/token"), "hf_secret\n");

        var address = Run(hub, "push", At("agent"), "owner/model", "--private").Succeeded().Trim();

        Assert.Contains("needs a token that may write", without);
        Assert.Equal($"{hub.Address}owner/model", address);
        Assert.True(hub.IsPrivate);
        Assert.Equal(
            ["README.md", "adapter_config.json", "adapter_model.safetensors", "rebound.json", "tokenizer.json", "tokenizer_config.json"],
            hub.Files.Keys.Where(name => !name.StartsWith("special", StringComparison.Ordinal) && name != "generation_config.json")
                .Order(StringComparer.Ordinal));
        Assert.Equal(hub.Files.Keys.Order(), shown["files"]!.AsArray().Select(file => (string)file!["path"]!).Order());
        foreach (var (name, content) in hub.Files.Where(file => !file.Key.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            Assert.False(System.Text.Encoding.UTF8.GetString(content).Contains(_folder, StringComparison.Ordinal), name);
        }

        var config = JsonNode.Parse(hub.Files["adapter_config.json"])!;
        Assert.Equal(("owner/base", "0123"), ((string?)config["base_model_name_or_path"], (string?)config["revision"]));
        Assert.Equal("owner/base", (string?)JsonNode.Parse(hub.Files["rebound.json"])!["base_model"]);
        var card = System.Text.Encoding.UTF8.GetString(hub.Files["README.md"]);
        Assert.Equal((string?)shown["card"], card);
        Assert.StartsWith(
            """
            ---
            library_name: peft
            base_model: owner/base
            base_model_relation: adapter
            pipeline_tag: text-generation
            license: apache-2.0
            tags:
            - rebound
            - lora
            - agent
            - negative-aware-training
            ---

            # model

            A low-rank adapter (LoRA) of [owner/base](https://huggingface.co/owner/base), trained with Rebound by Negative-Aware Training
            """,
            card);
        Assert.Contains("| positive | positive | 2 | 2 |", card);
        Assert.Contains("| `learning-rate` | 5E-05 |", card);
        Assert.Contains("AutoPeftModelForCausalLM.from_pretrained(\"owner/model\")", card);
        Assert.DoesNotContain("output-dir", card);

        // Wherever an adapter is opened, the name of its base model leads to the cache, and nowhere else.
        Run(hub, "pull", "owner/model").Succeeded();
        string[] generate = ["generate", "owner/model", "--message", "Hello!", "--max-new-tokens", "3", "--device", "cpu"];
        Assert.Equal(
            Run(hub, ["generate", At("agent"), .. generate[2..]]).Succeeded(), Run(hub, generate).Succeeded());
        Directory.Move(At("home/hub/models--owner--base/snapshots/0123"), At("home/hub/models--owner--base/snapshots/4567"));
        File.WriteAllText(At("home/hub/models--owner--base/refs/main"), "4567");
        Assert.Contains(
            "The adapter was trained on 'owner/base', which is no folder or file here, and not in the hub's cache: "
                + "'rebound pull owner/base --revision 0123' gets it, or give the model too.",
            Run(hub, generate).Refused());
    }

    [Fact]
    public async Task What_cannot_be_pushed_is_said_in_a_sentence()
    {
        await using var hub = new HubServer();
        TinyChatModel.Write(At("made"));
        var offline = ReboundProcess.Run(
            ["push", At("made"), "owner/model"],
            new Dictionary<string, string> { ["HF_HOME"] = At("home"), ["HF_HUB_OFFLINE"] = "1", ["HF_TOKEN"] = "x" }).Refused();

        Assert.Contains("HF_HUB_OFFLINE forbids to upload owner/model", offline);
        Assert.Contains("NAME is 'model', and has to be OWNER/NAME", Run(hub, "push", At("made"), "model").Refused());
        Assert.Contains("There is no such folder or file", Run(hub, "push", At("absent"), "owner/model").Refused());
        Assert.Contains("<name> is required", Run(hub, "push", At("made")).Refused());
        Assert.Contains("library_name: transformers", Run(hub, "push", At("made"), "owner/model", "--dry-run").Succeeded());
    }

    private string At(string name) => Path.Combine(_folder, name);

    private ReboundProcess Run(HubServer hub, params string[] arguments) => ReboundProcess.Run(arguments, new Dictionary<string, string>
    {
        ["HF_ENDPOINT"] = hub.Address.ToString(),
        ["HF_HOME"] = At("home"),
        ["HF_TOKEN"] = "",
        ["HF_HUB_CACHE"] = "",
    });
}
