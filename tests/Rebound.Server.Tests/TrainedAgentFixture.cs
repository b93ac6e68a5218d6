using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Chat;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Server.Agents;
using Rebound.Testing;
using Rebound.Training;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Server.Tests;

/// <summary>
/// A server of a small agent that was trained on logs with native calls, one of them with two calls at once, and on a failure under its
/// condition.
/// </summary>
public sealed class TrainedAgentFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    internal RunningServer Server { get; private set; } = null!;

    /// <summary>Where it lies.</summary>
    internal string Folder => At("agent");

    /// <summary>What the calculator does before it calculates; null for nothing.</summary>
    internal Func<CancellationToken, Task>? BeforeCalculating { get; set; }

    /// <summary>The agent that the model is, with a calculator.</summary>
    internal ServedAgents Agents => new(profile => Task.FromResult(new AgentOffer(
        new ChatAgent("sums", new ToolSet(new Calculator(this)), profile.Card!.Prompt)
        {
            ToolFormat = profile.ToolFormat,
            ToolSchemas = profile.Card.Tools,
        },
        null)));

    public async ValueTask InitializeAsync()
    {
        TestModels.Write(At("model"));
        File.WriteAllLines(At("logs.jsonl"),
        [
            Log("6-2?", ["6-2"], "4", good: true), Log("6-2?", ["6-2"], "9", good: false), Log("6-2, 3-2?", ["6-2", "3-2"], "4 1", good: true),
        ]);
        using (var backend = new CpuBackend(2))
        using (var model = StartingModel.Open(At("model")))
        {
            TrainingRun.Prepare(
                new RunOptions
                {
                    OutputFolder = At("agent"),
                    Data = new DatasetOptions { ScoredPaths = [At("logs.jsonl")] },
                    Training = new TrainingOptions { MaxSteps = 120, LearningRate = 5e-3, BatchSize = 3 },
                },
                model, new RunHost(backend)).Train();
        }

        Server = await RunningServer.StartAsync(At("agent"), agents: Agents);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Log(string question, string[] expressions, string answer, bool good)
    {
        var calls = expressions.Select((expression, index) => Call($"a{index}", "calculate", "expression", expression)).ToArray();
        var results = expressions.Select((expression, index) => new JsonObject
        {
            ["role"] = "tool",
            ["tool_call_id"] = $"a{index}",
            ["content"] = expression == "6-2" ? "4" : "1",
        });
        return new JsonObject
        {
            ["messages"] = new JsonArray(
            [
                new JsonObject { ["role"] = "user", ["content"] = question },
                Said(calls), .. results, Said(Call("b", "finish", "answer", answer)),
            ]),
            ["tools"] = new JsonArray(Tool("calculate", "expression"), Tool("finish", "answer")),
            ["label"] = good,
        }.ToJsonString();
    }

    private static JsonObject Said(params JsonObject[] calls) =>
        new() { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray([.. calls]) };

    private static JsonObject Call(string id, string name, string argument, string value) => new()
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = new JsonObject { [argument] = value }.ToJsonString() },
    };

    private static JsonObject Tool(string name, string argument) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name,
            ["description"] = "",
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [argument] = new JsonObject { ["type"] = "string" } },
            },
        },
    };

    private string At(string name) => Path.Combine(_folder, name);

    private sealed class Calculator(TrainedAgentFixture fixture) : DelegatingAIFunction(new CalculateTool())
    {
        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            await (fixture.BeforeCalculating?.Invoke(cancellationToken) ?? Task.CompletedTask);
            return await base.InvokeCoreAsync(arguments, cancellationToken);
        }
    }
}
