using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>OpenAI's client for JavaScript, where npm has installed it (<c>scripts/node-clients</c>).</summary>
public sealed class NodeClientTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task Chats_streams_calls_responses_errors_and_an_answer_that_is_broken_off()
    {
        var folder = Path.Combine(SharedData.RepositoryRoot, "tests/node-clients");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(folder, "node_modules/openai")), "npm's openai is not installed: scripts/node-clients does that.");
        var start = new ProcessStartInfo("node", ["openai.mjs", fixture.Server.Endpoint.ToString(), ChatFixture.Model])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using var node = Process.Start(start)!;
        var (output, error) = (
            node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(node.ExitCode == 0, await error);
        var said = JsonNode.Parse(await output)!;
        Assert.Equal((string?)said["whole"], (string?)said["streamed"]);
        Assert.Equal(12, (int)said["usage"]!["completion_tokens"]!);
        Assert.Equal("weather", (string?)said["call"]!["name"]);
        Assert.Matches("^\\{\"city\": \"(Paris|Rome)\"\\}$", (string?)said["call"]!["arguments"]);
        Assert.Equal((string?)said["call"]!["arguments"], (string?)said["streamedCall"]);
        Assert.Matches("^(yes|no)$", (string?)said["parsed"]!["answer"]);
        Assert.Equal((string?)said["whole"], (string?)said["response"]);
        Assert.Equal((string?)said["whole"], (string?)said["streamedResponse"]);
        Assert.Equal(["agent", "agent:negative", "agent:none", "agent:raw"], said["models"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(400, (int)said["error"]!["status"]!);
        Assert.Equal("context_length_exceeded", (string?)said["error"]!["code"]);
        Assert.True((bool)said["aborted"]!);
    }
}
