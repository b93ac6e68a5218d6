using System.ClientModel;
using System.ComponentModel;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenAI;
using Rebound.Testing;

namespace Rebound.Gateway.Tests;

/// <summary>An agent of Microsoft's Agent Framework with a tool in C#, over OpenAI's client, which know nothing of the gateway.</summary>
public sealed class RealClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_conversation_is_one_trajectory_with_its_tools(bool streamed)
    {
        await using var running = await RunningGateway.StartAsync(AnswerAsync);
        var tool = AIFunctionFactory.Create(([Description("Where")] string city) => $"{city}: sun, 21 °C", "weather", "Tells the weather.");
        var client = new OpenAIClient(new ApiKeyCredential("sk-key"), new OpenAIClientOptions { Endpoint = running.Endpoint });
        var agent = new ChatClientAgent(client.GetChatClient("test").AsIChatClient(), new ChatClientAgentOptions
        {
            Name = "forecaster",
            ChatOptions = new ChatOptions { Instructions = "You tell the weather.", Tools = [tool] },
        });
        var session = await agent.CreateSessionAsync(Cancellation);

        foreach (var question in new[] { "Rome and Oslo?", "And Lima?" })
        {
            if (streamed)
            {
                await foreach (var _ in agent.RunStreamingAsync(question, session, cancellationToken: Cancellation))
                {
                }
            }
            else
            {
                await agent.RunAsync(question, session, cancellationToken: Cancellation);
            }
        }

        var (counts, rows) = await running.StopAsync();
        Assert.Equal(4, counts.Answers);
        var trajectory = Assert.Single(rows).Trajectory;
        Assert.Equal(
            ["system", "user", "assistant", "tool", "tool", "assistant", "user", "assistant", "tool", "assistant"],
            trajectory.Turns.Select(turn => turn.Role));
        Assert.Equal("You tell the weather.", trajectory.Turns[0].Content);
        Assert.Equal(["Rome", "Oslo"], trajectory.Turns[2].ToolCalls.Select(call => (string?)JsonNode.Parse(call.Arguments)!["city"]));
        Assert.Equal("Rome: sun, 21 °C", trajectory.Turns[3].Content.Trim('"'));
        Assert.Equal("I asked 1 time.", trajectory.Turns[^1].Content);
        var schema = trajectory.Tools!.Value[0].GetProperty("function");
        Assert.Equal("Where", schema.GetProperty("parameters").GetProperty("properties").GetProperty("city").GetProperty("description").GetString());
    }

    [Fact]
    public async Task Sixty_four_that_work_at_once_are_as_many_trajectories()
    {
        const int Agents = 64;
        await using var running = await RunningGateway.StartAsync(AnswerAsync);
        var client = new OpenAIClient(new ApiKeyCredential("sk-key"), new OpenAIClientOptions { Endpoint = running.Endpoint });
        var tool = AIFunctionFactory.Create((string city) => $"{city}: sun", "weather");

        await Task.WhenAll(Enumerable.Range(0, Agents).Select(async number =>
        {
            var agent = new ChatClientAgent(
                client.GetChatClient("test").AsIChatClient(),
                new ChatClientAgentOptions { ChatOptions = new ChatOptions { Instructions = "Go.", Tools = [tool] } });
            var session = await agent.CreateSessionAsync(Cancellation);
            for (var turn = 0; turn < 3; turn++)
            {
                await agent.RunAsync($"City{number}?", session, cancellationToken: Cancellation);
            }
        }));

        var (counts, rows) = await running.StopAsync();
        Assert.Equal(6 * Agents, counts.Answers);
        Assert.Equal(Agents, rows.Count);
        Assert.All(rows, row => Assert.Equal(13, row.Trajectory.Turns.Count));
        Assert.All(rows, row => Assert.All(
            row.Trajectory.Turns.Where(turn => turn.Role == "tool"),
            turn => Assert.Contains(row.Trajectory.Turns[1].Content.TrimEnd('?'), turn.Content)));
        Assert.Equal(Agents, running.Notes.Count);
    }

    /// <summary>Calls the tool for every word that is a name, and then says how often it did.</summary>
    private static async Task AnswerAsync(int number, HttpListenerContext context)
    {
        var request = await ChatServer.ReadAsync(context);
        var messages = request["messages"]!.AsArray();
        var replies = messages.Reverse().TakeWhile(message => (string?)message!["role"] == "tool").Count();
        var question = messages.Last(message => (string?)message!["role"] == "user")!["content"]!;
        var text = question is JsonArray parts ? (string)parts[0]!["text"]! : (string)question!;
        var cities = text.TrimEnd('?').Split(' ').Where(word => char.IsUpper(word[0]) && word is not "And").ToArray();
        var answer = replies > 0 ? Talk.Assistant($"I asked {replies} time{(replies == 1 ? "" : "s")}.")
            : Talk.Calls([.. cities.Select((city, index) => ($"call_{number}_{index}", "weather", new JsonObject { ["city"] = city }.ToJsonString()))]);
        await ((bool?)request["stream"] == true
            ? Talk.StreamAsync(context, Streamed($"answer-{number}", answer))
            : Talk.AnswerAsync(context, $"answer-{number}", answer));
    }

    private static string Streamed(string id, JsonObject answer)
    {
        var delta = (JsonObject)answer.DeepClone();
        foreach (var (index, call) in (delta["tool_calls"] as JsonArray ?? []).Index())
        {
            call!["index"] = index;
        }

        return Talk.Event(id, delta) + Talk.Event(id, [], delta["tool_calls"] is null ? "stop" : "tool_calls") + "data: [DONE]\n\n";
    }
}
