using System.ClientModel;
using System.ComponentModel;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Rebound.Server.Tests;

/// <summary>An agent of Microsoft's Agent Framework with a tool in C#, over both of OpenAI's protocols.</summary>
public sealed class AgentFrameworkTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Calls_its_tool_and_answers(bool overResponses, bool streamed)
    {
        var calls = 0;
        var tool = AIFunctionFactory.Create(
            ([Description("Whether the weather of today is asked for")] bool today) => { calls++; return today ? "sunny" : "rain"; }, "weather");
        var openAi = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = fixture.Server.Endpoint });
        var client = overResponses
            ? openAi.GetResponsesClient().AsIChatClient(ChatFixture.Model)
            : openAi.GetChatClient(ChatFixture.Model).AsIChatClient();
        var agent = new ChatClientAgent(client, new ChatClientAgentOptions
        {
            Name = "forecaster",
            ChatOptions = new ChatOptions
            {
                Instructions = "You tell the weather.",
                Tools = [tool],
                ToolMode = ChatToolMode.RequireAny,
                MaxOutputTokens = 100,
                Temperature = 0,
                AllowMultipleToolCalls = false,
            },
        });
        var session = await agent.CreateSessionAsync(TestContext.Current.CancellationToken);

        var roles = new List<ChatRole?>();
        if (streamed)
        {
            await foreach (var update in agent.RunStreamingAsync("Rome?", session, cancellationToken: TestContext.Current.CancellationToken))
            {
                roles.Add(update.Role);
            }
        }
        else
        {
            var response = await agent.RunAsync("Rome?", session, cancellationToken: TestContext.Current.CancellationToken);
            roles.AddRange(response.Messages.Select(message => (ChatRole?)message.Role));
        }

        Assert.Equal(1, calls);
        Assert.Contains(ChatRole.Tool, roles);
        Assert.Equal(ChatRole.Assistant, roles[^1]);
    }
}
