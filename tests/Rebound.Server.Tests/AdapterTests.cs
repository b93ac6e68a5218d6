using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;
using Rebound.Server.Serving;
using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>Adapters as models of their own over one base.</summary>
public sealed class AdapterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    public AdapterTests()
    {
        TestModels.Write(At("base"));
        WriteAdapter("red", 1);
        WriteAdapter("blue", 2);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Requests_of_several_adapters_run_together_and_each_answers_as_it_does_alone()
    {
        await using var server = await RunningServer.StartAsync(At("base"), [At("red"), At("blue")]);
        string[] names = ["base", "red", "blue", "red"];

        var alone = new List<string>();
        foreach (var name in names)
        {
            alone.Add(await TokensAsync(server, name));
        }

        var together = await Task.WhenAll(names.Select(name => TokensAsync(server, name)));
        var models = JsonNode.Parse(await server.Http.GetStringAsync("v1/models", TestContext.Current.CancellationToken))!;

        Assert.Equal(alone, together);
        Assert.Equal(3, alone.Distinct().Count());
        Assert.Equal(await TokensAsync(server, null), alone[1]);
        Assert.Equal(
            [("red", "base"), ("base", null), ("blue", "base")],
            models["data"]!.AsArray().Select(model => ((string)model!["id"]!, (string?)model["parent"])));
    }

    [Fact]
    public async Task An_adapter_alone_brings_the_model_that_it_was_trained_on()
    {
        await using var server = await RunningServer.StartAsync(At("red"));

        Assert.NotEqual(await TokensAsync(server, "base"), await TokensAsync(server, "red"));
        Assert.Equal("red", server.Models.DefaultName);
    }

    [Fact]
    public async Task Adapters_come_and_go_and_never_answer_from_stale_pages()
    {
        Directory.CreateDirectory(At("adapters"));
        Directory.Move(At("red"), At("adapters/red"));
        await using var server = await RunningServer.StartAsync(
            At("base"), options: new ServerOptions { AdaptersFolder = At("adapters") });

        await LoadAsync(server, new JsonObject { ["lora_path"] = "red", ["lora_name"] = "agent" });
        var before = await TokensAsync(server, "agent");
        var twice = await server.PostAsync(AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = "red", ["lora_name"] = "agent" });

        // Another adapter under the same name, with the same prompt in the cache: vLLM answered from the pages of the one before.
        Directory.Delete(At("adapters/red"), recursive: true);
        Directory.Move(At("blue"), At("adapters/red"));
        await LoadAsync(server, new JsonObject { ["lora_path"] = "red", ["lora_name"] = "agent", ["load_inplace"] = true });
        var after = await TokensAsync(server, "agent");
        using var removed = await server.Http.PostAsync(
            AdapterEndpoint.UnloadPath, new StringContent("""{"lora_name": "agent"}"""), TestContext.Current.CancellationToken);
        var gone = await server.PostAsync(ChatEndpoint.Path, Ask("agent"));

        await using var fresh = await RunningServer.StartAsync(At("base"), [At("adapters/red")]);
        Assert.Equal(await TokensAsync(fresh, "red"), after);
        Assert.NotEqual(before, after);
        Assert.Equal(400, twice.Status);
        Assert.True(removed.IsSuccessStatusCode);
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task An_adapter_leaves_when_its_requests_have_ended()
    {
        await using var server = await RunningServer.StartAsync(
            At("base"), [At("red")], options: new ServerOptions { AdaptersFolder = _folder });
        var running = server.StreamAsync(ChatEndpoint.Path, Ask("red", 300));
        while (server.Models.Engine.Running == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        using var removed = await server.Http.PostAsync(
            AdapterEndpoint.UnloadPath, new StringContent("""{"lora_name": "red"}"""), TestContext.Current.CancellationToken);

        Assert.True(removed.IsSuccessStatusCode);
        Assert.Equal("length", (string?)(await running)[^1]["choices"]![0]!["finish_reason"]);
    }

    [Theory]
    [InlineData("../base", 404)]
    [InlineData("/etc", 404)]
    [InlineData("base/../red", 404)]
    [InlineData("base", 400)]
    public async Task No_client_names_a_path(string path, int status)
    {
        await using var server = await RunningServer.StartAsync(At("base"), options: new ServerOptions { AdaptersFolder = _folder });
        await using var closed = await RunningServer.StartAsync(At("base"));

        var (answered, body) = await server.PostAsync(AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = path });
        var forbidden = await closed.PostAsync(AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = "red" });

        Assert.Equal(status, answered);
        Assert.DoesNotContain(_folder, $"{body}");
        Assert.Equal(403, forbidden.Status);
    }

    [Fact]
    public async Task Names_may_have_slashes_and_are_bounded_in_number()
    {
        await using var server = await RunningServer.StartAsync(
            At("base"), options: new ServerOptions { AdaptersFolder = _folder, MaxModels = 2 });
        var blank = await server.PostAsync(AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = "red", ["lora_name"] = " " });
        await LoadAsync(server, new JsonObject { ["lora_path"] = "red", ["lora_name"] = "org/red 100%" });

        foreach (var path in (string[])["org/red%20100%25", "org%2Fred%20100%25", "org%2fred%20100%25"])
        {
            var model = JsonNode.Parse(await server.Http.GetStringAsync($"v1/models/{path}", TestContext.Current.CancellationToken))!;
            Assert.Equal("org/red 100%", (string?)model["id"]);
        }

        var own = await server.PostAsync(
            AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = "red", ["lora_name"] = "base", ["load_inplace"] = true });
        Assert.Contains("'base' is the base model's name", (string)own.Body["error"]!["message"]!, StringComparison.Ordinal);
        var many = await server.PostAsync(AdapterEndpoint.LoadPath, new JsonObject { ["lora_path"] = "blue" });
        await LoadAsync(server, new JsonObject { ["lora_path"] = "blue", ["lora_name"] = "org/red 100%", ["load_inplace"] = true });
        Assert.Equal((400, 400), (blank.Status, many.Status));
        Assert.Contains("holds 2 models, and may hold 2", (string)many.Body["error"]!["message"]!, StringComparison.Ordinal);
    }

    private static async Task LoadAsync(RunningServer server, JsonObject request)
    {
        using var response = await server.Http.PostAsync(
            AdapterEndpoint.LoadPath, new StringContent(request.ToJsonString()), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static JsonObject Ask(string? model, int tokens = 40) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = new string('x', 200) }),
        ["temperature"] = 0,
        ["ignore_eos"] = true,
        ["return_token_ids"] = true,
        ["max_tokens"] = tokens,
    };

    private static async Task<string> TokensAsync(RunningServer server, string? model) =>
        (await server.AskAsync(ChatEndpoint.Path, Ask(model)))["choices"]![0]!["token_ids"]!.ToJsonString();

    private string At(string name) => Path.Combine(_folder, name);

    private void WriteAdapter(string name, int seed) => TinyChatModel.WriteAdapter(At(name), At("base"), TestModels.Config, seed);
}
