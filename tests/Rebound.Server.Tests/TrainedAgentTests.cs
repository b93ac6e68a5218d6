using System.ClientModel;
using System.Text.Json.Nodes;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenAI;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Tests;

/// <summary>What an agent has learned, it does for clients that know nothing of how it was trained.</summary>
[Collection(TrainedAgentTestGroup.Name)]
public sealed class TrainedAgentTests(TrainedAgentFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    [Theory]
    [InlineData("agent", "4")]
    [InlineData("agent:negative", "9")]
    public async Task The_condition_is_the_models_names(string model, string answer)
    {
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "6-2?" });
        var called = Assert.Single((await AskAsync(model, messages))["tool_calls"]!.AsArray())!;
        Assert.Equal("{\"expression\": \"6-2\"}", (string?)called["function"]!["arguments"]);

        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(called.DeepClone()) });
        messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)called["id"], ["content"] = "4" });
        var finished = Assert.Single((await AskAsync(model, messages))["tool_calls"]!.AsArray())!;

        Assert.Equal(("finish", $"{{\"answer\": \"{answer}\"}}"), ((string)finished["function"]!["name"]!, (string)finished["function"]!["arguments"]!));
    }

    [Fact]
    public async Task Calls_of_one_turn_come_together_whole_and_in_a_stream()
    {
        JsonObject Request(bool? parallel) => new()
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "6-2, 3-2?" }),
            ["temperature"] = 0,
            ["parallel_tool_calls"] = parallel,
        };

        var whole = (await Server.AskAsync(ChatEndpoint.Path, Request(null)))["choices"]![0]!;
        var events = await Server.StreamAsync(ChatEndpoint.Path, Request(null));
        var one = (await Server.AskAsync(ChatEndpoint.Path, Request(false)))["choices"]![0]!;

        string[] both = ["{\"expression\": \"6-2\"}", "{\"expression\": \"3-2\"}"];
        Assert.Equal(both, whole["message"]!["tool_calls"]!.AsArray().Select(call => (string)call!["function"]!["arguments"]!));
        Assert.Equal("tool_calls", (string?)whole["finish_reason"]);
        var streamed = events.SelectMany(chunk => chunk["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).ToArray();
        Assert.Equal(both, streamed.Select(call => (string)call!["function"]!["arguments"]!));
        Assert.Equal([0, 1], streamed.Select(call => (int)call!["index"]!));
        Assert.All(streamed, call => Assert.Equal("function", (string?)call!["type"]));
        Assert.Equal(2, streamed.Select(call => (string)call!["id"]!).Distinct().Count());
        Assert.Equal("tool_calls", (string?)events[^1]["choices"]![0]!["finish_reason"]);
        Assert.Equal(both[..1], one["message"]!["tool_calls"]!.AsArray().Select(call => (string)call!["function"]!["arguments"]!));
    }

    [Fact]
    public async Task An_agent_in_CSharp_lets_it_calculate_and_finish()
    {
        var said = new List<string>();
        var openAi = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = Server.Endpoint });
        var agent = new ChatClientAgent(openAi.GetChatClient("agent").AsIChatClient(), new ChatClientAgentOptions
        {
            ChatOptions = new ChatOptions
            {
                Temperature = 0,
                Tools =
                [
                    AIFunctionFactory.Create(
                        (string expression) => { said.Add(expression); return "4"; },
                        new AIFunctionFactoryOptions
                        {
                            // By default a text is sent as JSON, in quotes, and is not what the model saw in training.
                            Name = "calculate", MarshalResult = (result, _, _) => ValueTask.FromResult(result),
                        }),
                    AIFunctionFactory.Create(
                        (string answer) =>
                        {
                            said.Add(answer);
                            FunctionInvokingChatClient.CurrentContext!.Terminate = true;
                            return "";
                        },
                        "finish", ""),
                ],
            },
        });

        await agent.RunAsync("6-2?", cancellationToken: Cancellation);

        Assert.Equal(["6-2", "4"], said);
    }

    [Fact]
    public async Task No_tools_are_called_where_none_may_be()
    {
        var answer = await Server.AskAsync(ChatEndpoint.Path, new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "6-2?" }),
            ["tool_choice"] = "none",
            ["max_tokens"] = 20,
            ["temperature"] = 0,
        });

        Assert.Null(answer["choices"]![0]!["message"]!["tool_calls"]);
    }

    private async Task<JsonNode> AskAsync(string model, JsonArray messages)
    {
        var answer = await Server.AskAsync(
            ChatEndpoint.Path, new JsonObject { ["model"] = model, ["messages"] = messages.DeepClone(), ["temperature"] = 0 });
        Assert.Equal("tool_calls", (string?)answer["choices"]![0]!["finish_reason"]);
        return answer["choices"]![0]!["message"]!;
    }
}
