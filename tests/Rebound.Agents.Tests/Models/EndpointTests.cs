using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Models;

/// <summary>Where and how servers are asked, and what is learned from what they refuse.</summary>
public sealed class EndpointTests
{
    private static readonly ChatOptions Options = new()
    {
        Temperature = 0.2f,
        MaxOutputTokens = 64,
        StopSequences = ["\nObservation: "],
        Seed = 7,
        AllowMultipleToolCalls = true,
        Tools = [AIFunctionFactory.Create((string expression) => expression, "calculate")],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://h/v1", "http://h/v1/chat/completions")]
    [InlineData("http://h/v1/", "http://h/v1/chat/completions")]
    [InlineData("http://h", "http://h/chat/completions")]
    [InlineData("http://h:81/v1/chat/completions", "http://h:81/v1/chat/completions")]
    [InlineData("http://h/v1/chat/completions/", "http://h/v1/chat/completions")]
    [InlineData(
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21")]
    [InlineData("https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21")]
    public void An_address_is_understood_as_people_have_it(string given, string asked) =>
        Assert.Equal(asked, new Endpoint(new Uri(given), null).CompletionsAddress.AbsoluteUri);

    [Theory]
    [InlineData("secret", "?api-version=1", null, "secret")]
    [InlineData("eyJ0", "?api-version=1", "Bearer eyJ0", null)]
    [InlineData("secret", "", "Bearer secret", null)]
    [InlineData(null, "", null, null)]
    public async Task A_key_goes_where_its_server_looks_for_it(string? key, string query, string? bearer, string? own)
    {
        (string?, string?, string?) seen = default;
        await using var server = new LocalServer((_, context) =>
        {
            seen = (context.Request.Headers["Authorization"], context.Request.Headers["api-key"], context.Request.Url!.PathAndQuery);
            return ChatServer.Say(context, "here");
        });
        using var client = new Endpoint(
            new Uri(server.Address, $"v1{query}"), key is null ? null : new ApiKey(key)).CreateClient("m", TimeSpan.FromSeconds(30));

        await client.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);

        Assert.Equal((bearer, own, $"/v1/chat/completions{query}"), seen);
    }

    [Theory]
    [InlineData("400max", "", "")]
    [InlineData("400oldmax", "max_tokens", "max_completion_tokens is sent instead.")]
    [InlineData("400stop", "stop", "requests go without it from here on.")]
    [InlineData("400temp", "temperature", "requests go without it from here on.")]
    [InlineData("400param", "seed", "requests go without it from here on.")]
    [InlineData("400parallel", "parallel_tool_calls", "requests go without it from here on.")]
    public async Task A_parameter_that_a_server_refuses_is_told_once_and_left_out(string mode, string parameter, string said)
    {
        await using var server = new MisbehavingServer();
        var told = new List<string>();
        using var client = new Endpoint(server.Address, null) { Tell = told.Add }.CreateClient(mode, TimeSpan.FromSeconds(30));

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(MisbehavingServer.Good, (await client.GetResponseAsync([new(ChatRole.User, "q")], Options, Cancellation)).Text);
        }

        var refusals = parameter.Length == 0 ? 0 : 1;
        Assert.Equal((refusals, 2 + refusals), (told.Count, server.Requests.Count));
        Assert.All(told, sentence => Assert.Matches($"^http://127.0.0.1:[0-9]+/ refuses {parameter} .*; {said}$", sentence));
        Assert.False(server.Requests[^1].ContainsKey(parameter));
        var limit = parameter == "max_tokens" ? "max_completion_tokens" : "max_tokens";
        Assert.Equal(64, (int?)server.Requests[^1][limit]);
    }

    [Fact]
    public async Task Several_refusals_are_learned_one_after_the_other()
    {
        await using var server = new MisbehavingServer();
        var told = new List<string>();
        using var client = new Endpoint(server.Address, null) { Tell = told.Add }.CreateClient("422extra", TimeSpan.FromSeconds(30));

        var response = await client.GetStreamingResponseAsync([new(ChatRole.User, "q")], Options, Cancellation)
            .ToChatResponseAsync(Cancellation);

        Assert.Equal((MisbehavingServer.Good, 2, 3), (response.Text, told.Count, server.Requests.Count));
        Assert.Contains("refuses seed (body.seed: Extra inputs are not permitted)", told[0]);
        Assert.Equal(64, (int?)server.Requests[^1]["max_completion_tokens"]);
    }

    [Fact]
    public async Task Extra_members_go_before_ours_and_are_never_left_out()
    {
        await using var server = new MisbehavingServer();
        var extra = JsonNode.Parse("""{"stop": ["\n"], "top_k": 20, "chat_template_kwargs": {"enable_thinking": false}}""")!.AsObject();
        using var client = new Endpoint(server.Address, null) { ExtraBody = extra }.CreateClient("m", TimeSpan.FromSeconds(30));
        using var refused = new Endpoint(server.Address, null) { ExtraBody = extra }.CreateClient("400stop", TimeSpan.FromSeconds(30));

        await client.GetResponseAsync([new(ChatRole.User, "q")], Options, Cancellation);
        var error = await Assert.ThrowsAnyAsync<Exception>(() =>
            refused.GetResponseAsync([new(ChatRole.User, "q")], Options, Cancellation));

        var request = server.Requests[0];
        Assert.Equal(
            ("\n", 20, false),
            ((string?)request["stop"]![0], (int?)request["top_k"], (bool?)request["chat_template_kwargs"]!["enable_thinking"]));
        Assert.Contains("'stop' is not supported", error.Message);
    }

    [Fact]
    public async Task A_whole_answer_is_taken_from_a_server_that_was_made_to_stream()
    {
        await using var server = new MisbehavingServer();
        using var client = new Endpoint(server.Address, null) { ExtraBody = new JsonObject { ["stream"] = true } }.CreateClient(
            "calls", TimeSpan.FromSeconds(30));

        var response = await client.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);

        var calls = response.Messages[0].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal(
            [("c", "calculate", "2+2"), ("d", "search", "é")],
            calls.Select(call => (call.CallId, call.Name, call.Arguments!.Values.Single()!.ToString()!)));
    }
}
