using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>A model whose weights are no numbers ends whatever asks it, with the tensor's name.</summary>
public sealed class BrokenModelTests : IDisposable
{
    private const string Tensor = "model.layers.1.mlp.down_proj.weight";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-broken-").FullName;

    public BrokenModelTests() =>
        TinyChatModel.Write(Path("model"), change: model => model.Weights[Tensor].AsSpan<float>()[130] = float.NaN);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Generation_ends() => AssertSaid(ReboundProcess.Run("generate", "--model", Path("model"), "--message", "2 + 2?"));

    [Fact]
    public void A_chat_ends_its_turn() =>
        AssertSaid(ReboundProcess.Run(["chat", "--model", Path("model"), "--json"], environment: null, "2 + 2?\n"));

    [Fact]
    public void An_evaluation_ends_without_a_score()
    {
        File.WriteAllLines(Path("questions.jsonl"), Enumerable.Range(0, 3).Select(number => new JsonObject
        {
            ["question"] = $"{number} + {number}?",
            ["answer"] = $"{2 * number}",
        }.ToJsonString()));
        File.WriteAllText(
            Path("task.yml"), "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"),
            "question: \"{question}\"\nconditions: {right: {when: {reward: true}, prefix: \"[good] \"}, wrong: {prefix: \"[bad] \"}}\n");

        AssertSaid(ReboundProcess.Run(
            "evaluate", "--model", Path("model"), "--task", Path("task.yml"), "--data", _folder, "--max-tokens", "8",
            "--output-dir", Path("out")));

        Assert.False(File.Exists(Path("out/aggregate.json")));
    }

    private static void AssertSaid(ReboundProcess run)
    {
        Assert.True(run.ExitCode == 1, $"exit code {run.ExitCode}: {run.Error}{run.Output}");
        Assert.Contains($"{Tensor} has NaN at [1, 2]", run.Error + run.Output);
        Assert.DoesNotContain("fault of rebound", run.Error);
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
