using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>One process of Node that asks two servers by every client there is.</summary>
public sealed class NodeClientRun
{
    private static readonly string Folder = Path.Combine(SharedData.RepositoryRoot, "tests/node-clients");

    private Task<JsonNode>? _said;

    /// <summary>By the client's name; skips where npm has not installed them.</summary>
    public Task<JsonNode> SaidAsync(Uri chat, Uri agent)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules/@openai/agents")), "npm's clients are not installed: scripts/node-clients does that.");
        return _said ??= RunAsync(chat, agent);
    }

    private static async Task<JsonNode> RunAsync(Uri chat, Uri agent)
    {
        var start = new ProcessStartInfo("node", ["all.mjs", chat.ToString(), ChatFixture.Model, agent.ToString(), "agent"])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await error);
        return JsonNode.Parse(await output)!;
    }
}
