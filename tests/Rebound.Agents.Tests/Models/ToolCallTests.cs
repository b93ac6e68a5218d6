using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Models;

/// <summary>Native calls of tools, to servers and back.</summary>
public sealed class ToolCallTests
{
    private static readonly AIFunction Calculate = AIFunctionFactory.Create((string expression) => expression, "calculate", "Calculates.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tools_calls_and_results_are_sent_as_the_protocol_has_them()
    {
        await using var server = new MisbehavingServer();
        using var client = Client(server, "toolcalls");
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "2+2?"),
            new(ChatRole.Assistant,
                [new FunctionCallContent("c1", "calculate", new Dictionary<string, object?> { ["expression"] = "2+2" })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "4")]),
        ];

        await client.GetResponseAsync(
            conversation,
            new ChatOptions { Tools = [Calculate], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false }, Cancellation);

        var request = server.Requests[0];
        Assert.Equal("calculate", (string?)request["tools"]![0]!["function"]!["name"]);
        Assert.Equal("string", (string?)request["tools"]![0]!["function"]!["parameters"]!["properties"]!["expression"]!["type"]);
        Assert.Equal(("required", false), ((string?)request["tool_choice"], (bool)request["parallel_tool_calls"]!));
        var call = request["messages"]![1]!["tool_calls"]![0]!;
        Assert.Equal(
            ("c1", "calculate", "2+2"),
            ((string?)call["id"], (string?)call["function"]!["name"],
                (string?)JsonNode.Parse((string)call["function"]!["arguments"]!)!["expression"]));
        Assert.Equal(
            ("tool", "c1", "4"),
            ((string?)request["messages"]![2]!["role"], (string?)request["messages"]![2]!["tool_call_id"],
                (string?)request["messages"]![2]!["content"]));
    }

    [Theory]
    [InlineData("toolcalls")]
    [InlineData("calls")]
    [InlineData("calls-named")]
    [InlineData("calls-noindex")]
    [InlineData("calls-sameindex")]
    [InlineData("calls-noid")]
    public async Task Several_calls_come_whole_each_with_an_id_of_its_own(string mode)
    {
        await using var server = new MisbehavingServer();
        using var client = Client(server, mode);

        var response = mode == "toolcalls"
            ? await client.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation)
            : await client.GetStreamingResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation)
                .ToChatResponseAsync(Cancellation);

        var calls = Calls(response);
        Assert.Equal([("calculate", "2+2"), ("search", "é")], calls.Select(call => (call.Name, Argument(call))));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal(2, calls.Select(call => call.CallId).Where(id => id.Length > 0).Distinct().Count());
        Assert.True(mode is "calls-noindex" or "calls-noid" || calls.Select(call => call.CallId).SequenceEqual(["c", "d"]));
    }

    [Fact]
    public async Task Calls_without_arguments_or_even_a_name_are_calls()
    {
        await using var server = new MisbehavingServer();
        using var client = Client(server, "calls-empty");

        var response = await client.GetStreamingResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation)
            .ToChatResponseAsync(Cancellation);

        Assert.Equal([("look", 0), ("unnamed", 0)], Calls(response).Select(call => (call.Name, call.Arguments!.Count)));
        Assert.All(Calls(response), call => Assert.Null(call.Exception));
    }

    [Fact]
    public async Task Calls_with_arguments_as_an_object_and_without_id_or_type_are_read()
    {
        await using var server = new MisbehavingServer();
        using var client = Client(server, "odd-calls");

        var response = await client.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);

        var calls = Calls(response);
        Assert.Equal(["calculate", "search", "finish"], calls.Select(call => call.Name));
        Assert.Equal("2+2", Argument(calls[0]));
        Assert.All(calls, call => Assert.Null(call.Exception));
        Assert.Equal((3, ChatFinishReason.ToolCalls), (calls.Select(call => call.CallId).Distinct().Count(), response.FinishReason));
    }

    private static List<FunctionCallContent> Calls(ChatResponse response) =>
        [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];

    private static string? Argument(FunctionCallContent call) => ((JsonElement)call.Arguments!.Single().Value!).GetString();

    private static IChatClient Client(MisbehavingServer server, string model) =>
        new Endpoint(server.Address, null).CreateClient(model, TimeSpan.FromSeconds(30));
}
