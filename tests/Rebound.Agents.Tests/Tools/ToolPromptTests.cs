using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;
using Rebound.Agents.Tools;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Tests.Tools;

public sealed class ToolPromptTests
{
    private const string Lines = """
        - calculate: calculates the result of an expression. Takes "expression" (string; an arithmetic expression, without units or words).
        - get-sum: adds. Takes a JSON object of "a" (number), "b" (number; optional).
        """;

    private static readonly AIFunction Sum = AIFunctionFactory.Create((double a, double b = 0) => a + b, "get-sum", "adds.\n");

    [Fact]
    public void A_prompt_has_its_tools_in_their_place()
    {
        var prompt = Read("""{"opening": [{"role": "system", "content": "Tools:\n{tools}"}], "question": "{{x}} {tools}\n{question}"}""");

        var turns = ToolPrompt.Describe(prompt, new ToolSet(new CalculateTool(), Sum))!.Ask("Why {tools}?", "none");

        Assert.Equal([$"Tools:\n{Lines}", $"{{x}} {Lines}\nWhy {{tools}}?"], turns.Select(turn => turn.Content));
    }

    [Fact]
    public void A_place_without_tools_is_empty() => Assert.Equal(
        ["Tools: ", "-  Why?"],
        Read("""{"opening": [{"role": "system", "content": "Tools: {tools}"}], "question": "- {tools} {question}"}""").Ask("Why?", "none")
            .Select(turn => turn.Content));

    [Fact]
    public async Task Tools_of_servers_that_a_prompt_does_not_speak_of_are_told_in_the_system_turn()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = new PipedServer(
            McpServerTool.Create((string text) => text, new McpServerToolCreateOptions { Name = "say-it", Description = "says it" }));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "test", cancellation: cancellation);
        var tools = new ToolSet([new CalculateTool(), Sum, new RenamedTool(connected.Tools[0], "say-it_2")]);
        var math = BuiltInPrompts.Get("math");

        var asIs = ToolPrompt.Describe(null, tools)!.Ask("Why?", "none");
        var worded = ToolPrompt.Describe(math, tools)!.Ask("Why?", "positive");
        var added = ToolPrompt.Describe(Read("""{"opening": [{"role": "system", "content": "Be short."}]}"""), tools)!.Ask("Why?", "none");

        Assert.EndsWith("ends the work.\n\n- say-it_2: says it. Takes \"text\" (string).", asIs[0].Content);
        Assert.Equal(["system: ", "user: Why?"], asIs.Select((turn, i) => $"{turn.Role}: {(i == 0 ? "" : turn.Content)}"));
        Assert.Equal([asIs[0].Content, math.Ask("Why?", "positive")[0].Content], worded.Select(turn => turn.Content));
        Assert.Equal($"Be short.\n\n{asIs[0].Content}", added[0].Content);
    }

    [Fact]
    public async Task A_prompt_that_speaks_of_every_tool_of_a_server_is_left_as_it_is()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = new PipedServer(
            McpServerTool.Create((string text) => text, new McpServerToolCreateOptions { Name = "say-it" }));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "test", cancellation: cancellation);
        var (told, close) = (Read("""{"question": "Use say-it[text]. {question}"}"""),
            Read("""{"question": "Use say-it-now[text]. {question}"}"""));

        Assert.Same(told, ToolPrompt.Describe(told, new ToolSet([Sum, .. connected.Tools])));
        Assert.NotSame(close, ToolPrompt.Describe(close, new ToolSet(connected.Tools)));
        Assert.Null(ToolPrompt.Describe(null, new ToolSet(new CalculateTool())));
    }

    private static PromptTemplate Read(string json) => PromptConfiguration.Read(JsonNode.Parse(json), "own.json");
}
