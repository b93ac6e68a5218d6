using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Rebound.Server.Tests;

/// <summary>OpenAI's client for .NET, unmodified, and the chat interface over it.</summary>
public sealed class OpenAiClientTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "weather", "The weather in a city", BinaryData.FromString("""
            {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}}, "required": ["city"], "additionalProperties": false}
            """));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ChatClient Client => new OpenAIClient(
        new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = fixture.Server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) })
        .GetChatClient(ChatFixture.Model);

    [Fact]
    public async Task Asks_and_streams()
    {
        var options = new ChatCompletionOptions
        {
            Temperature = 0,
            MaxOutputTokenCount = 30,
            IncludeLogProbabilities = true,
            TopLogProbabilityCount = 2,
            StopSequences = { "no such text" },
            FrequencyPenalty = 0,
            EndUserId = "me",
        };

        ChatCompletion whole = await Client.CompleteChatAsync([new UserChatMessage("Hello?")], options, Cancellation);
        var (text, usage, finish) = ("", default(ChatTokenUsage), default(OpenAI.Chat.ChatFinishReason?));
        await foreach (var update in Client.CompleteChatStreamingAsync([new UserChatMessage("Hello?")], options, Cancellation))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Length, whole.FinishReason);
        Assert.Equal(whole.FinishReason, finish);
        Assert.Equal(30, whole.ContentTokenLogProbabilities.Count);
        Assert.Equal(2, whole.ContentTokenLogProbabilities[0].TopLogProbabilities.Count);
        Assert.Equal(30, usage?.OutputTokenCount);
        Assert.Equal(whole.Usage.InputTokenCount, usage!.InputTokenCount);
    }

    [Fact]
    public async Task Calls_tools_and_answers_in_a_format()
    {
        var called = new ChatCompletionOptions
        {
            Tools = { Weather, ChatTool.CreateFunctionTool("time") },
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
            AllowParallelToolCalls = false,
            Seed = 3,
        };
        ChatCompletion call = await Client.CompleteChatAsync([new UserChatMessage("Rome?")], called, Cancellation);

        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, call.FinishReason);
        var made = Assert.Single(call.ToolCalls);
        var messages = new OpenAI.Chat.ChatMessage[]
        {
            new UserChatMessage("Rome?"), new AssistantChatMessage(call), new ToolChatMessage(made.Id, "sunny"),
        };
        ChatCompletion formed = await Client.CompleteChatAsync(
            messages,
            new ChatCompletionOptions
            {
                ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat("weather", BinaryData.FromString("""
                    {"type": "object", "properties": {"sunny": {"type": "boolean"}}, "required": ["sunny"], "additionalProperties": false}
                    """), jsonSchemaIsStrict: true),
            },
            Cancellation);
        Assert.Matches("^\\{\"sunny\": (true|false)\\}$", formed.Content[0].Text);
    }

    [Fact]
    public async Task Streams_calls_of_tools()
    {
        var options = new ChatCompletionOptions
        {
            Tools = { Weather },
            ToolChoice = ChatToolChoice.CreateFunctionChoice("weather"),
        };
        var (name, arguments) = ("", "");
        await foreach (var update in Client.CompleteChatStreamingAsync([new UserChatMessage("Rome?")], options, Cancellation))
        {
            name += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionName));
            arguments += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionArgumentsUpdate.ToString()));
        }

        Assert.Equal("weather", name);
        Assert.Matches("^\\{\"city\": \"(Paris|Rome)\"\\}$", arguments);
    }

    [Fact]
    public async Task Tells_errors_by_their_sentences()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Client.CompleteChatAsync(
            [new UserChatMessage(new string('x', 5000))], cancellationToken: Cancellation));

        Assert.Equal(400, error.Status);
        Assert.Contains("context_length_exceeded", error.Message);
        Assert.Contains("the model takes at most 4096", error.Message);
    }

    [Fact]
    public async Task The_chat_interface_invokes_functions_of_its_own()
    {
        var asked = new List<string>();
        using var client = new ChatClientBuilder(Client.AsIChatClient()).UseFunctionInvocation().Build();

        var response = await client.GetResponseAsync("Rome?", new Microsoft.Extensions.AI.ChatOptions
        {
            Tools = [AIFunctionFactory.Create(([System.ComponentModel.Description("A city")] bool today) => { asked.Add($"{today}"); return "sunny"; }, "weather")],
            ToolMode = ChatToolMode.RequireSpecific("weather"),
            MaxOutputTokens = 100,
            Temperature = 0,
        }, Cancellation);

        Assert.Single(asked);
        Assert.Equal(
            [ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(message => message.Role));
        Assert.Equal("sunny", $"{response.Messages[1].Contents.OfType<FunctionResultContent>().Single().Result}");
    }
}
