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

    private string At(string name) => Path.Combine(_folder, name);

    private ReboundProcess Run(HubServer hub, params string[] arguments) => ReboundProcess.Run(arguments, new Dictionary<string, string>
    {
        ["HF_ENDPOINT"] = hub.Address.ToString(),
        ["HF_HOME"] = At("home"),
        ["HF_TOKEN"] = "",
        ["HF_HUB_CACHE"] = "",
    });
}
