using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Rebound.Extensions.AI.Tests;

/// <summary>The client answers as <c>rebound serve</c> does, token by token, whole and streamed.</summary>
public sealed class ServedAnswerTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private const string Weather = """
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
        "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["city"]}}}
        """;

    private const string Time = """{"type": "function", "function": {"name": "time", "parameters": {"type": "object", "properties": {}}}}""";

    private static readonly Dictionary<string, (string Members, Action<ChatOptions> Change)> Requests = new()
    {
        ["the condition of success"] = ("""{"temperature": 0}""", options => options.Temperature = 0),
        ["that of failure"] = ("""{"temperature": 0, "model": "agent:negative"}""", options =>
            (options.Temperature, options.ModelId) = (0, "agent:negative")),
        ["messages as they stand"] = ("""{"temperature": 0, "model": "agent:raw"}""", options =>
            (options.Temperature, options.ModelId) = (0, "agent:raw")),
        ["draws with a seed"] = ("""{"temperature": 0.9, "top_p": 0.8, "top_k": 50, "seed": 12}""", options =>
            (options.Temperature, options.TopP, options.TopK, options.Seed) = (0.9f, 0.8f, 50, 12)),
        ["the protocol's own temperature"] = ("""{"seed": -3}""", options => options.Seed = -3),
        ["penalties"] = (
            """{"temperature": 0, "presence_penalty": 1, "frequency_penalty": 0.5, "repetition_penalty": 1.5, "min_p": 0.1}""",
            options =>
            {
                (options.Temperature, options.PresencePenalty, options.FrequencyPenalty) = (0, 1, 0.5f);
                options.AdditionalProperties = new() { ["repetition_penalty"] = 1.5, ["min_p"] = 0.1f };
            }
        ),
        ["guidance"] = ("""{"temperature": 0, "guidance": 0.7}""", options =>
            (options.Temperature, options.AdditionalProperties) = (0, new() { ["guidance"] = 0.7 })),
        ["a schema"] = (
            """
            {"temperature": 1, "seed": 4, "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema":
            {"type": "object", "properties": {"sky": {"enum": ["blue", "grey"]}}, "required": ["sky"], "additionalProperties": false}}}}
            """,
            options => (options.Seed, options.ResponseFormat) = (4, ChatResponseFormat.ForJsonSchema(JsonElement.Parse(
                """
                {"type": "object", "properties": {"sky": {"enum": ["blue", "grey"]}}, "required": ["sky"], "additionalProperties": false}
                """)))),
        ["calls that are required"] = ($$"""{"seed": 5, "tools": [{{Weather}}, {{Time}}], "tool_choice": "required"}""", options =>
            (options.Seed, options.ToolMode, options.Tools) = (5, ChatToolMode.RequireAny, Tools())),
        ["one call alone"] = (
            $$"""{"seed": 6, "tools": [{{Weather}}, {{Time}}], "tool_choice": "required", "parallel_tool_calls": false}""", options =>
                (options.Seed, options.ToolMode, options.AllowMultipleToolCalls, options.Tools) = (6, ChatToolMode.RequireAny, false, Tools())),
        ["a call by its name"] = (
            $$$"""
            {"seed": 7, "tools": [{{{Weather}}}, {{{Time}}}], "tool_choice": {"type": "function", "function": {"name": "weather"} } }
            """,
            options => (options.Seed, options.ToolMode, options.Tools) = (7, ChatToolMode.RequireSpecific("weather"), Tools())),
        ["calls that may be made"] = ($$"""{"temperature": 0, "tools": [{{Weather}}, {{Time}}]}""", options =>
            (options.Temperature, options.ToolMode, options.Tools) = (0, ChatToolMode.Auto, Tools())),
        ["no calls"] = ($$"""{"temperature": 0, "tools": [{{Weather}}, {{Time}}], "tool_choice": "none"}""", options =>
            (options.Temperature, options.ToolMode, options.Tools) = (0, ChatToolMode.None, Tools())),
    };

    public static TheoryData<string> Names => [.. Requests.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_answer_is_the_servers_whole_and_streamed(string name)
    {
        var (members, change) = Requests[name];
        var body = JsonNode.Parse(members)!.AsObject();
        body["max_tokens"] = 200;
        body["messages"] = JsonNode.Parse(
            """
            [{"role": "system", "content": "Be short."}, {"role": "user", "content": "The weather?"},
            {"role": "assistant", "content": "Rain."}, {"role": "user", "content": "And the sky?"}]
            """);
        var options = new ChatOptions { MaxOutputTokens = 200, Instructions = "Be short." };
        change(options);
        ChatMessage[] messages =
        [
            new(ChatRole.User, "The weather?"), new(ChatRole.Assistant, "Rain."), new(ChatRole.User, "And the sky?"),
        ];

        var served = await fixture.Server.AskAsync("v1/chat/completions", body);
        var whole = await fixture.Client.GetResponseAsync(messages, options, Cancellation);
        var streamed = await fixture.Client.GetStreamingResponseAsync(messages, options, Cancellation).ToChatResponseAsync(Cancellation);

        Assert.Equal(Told(served), Told(whole));
        Assert.Equal(Told(served), Told(streamed));
    }

    private static List<AITool> Tools() =>
        [.. Trajectories.Chat.ToolSchemas.Declare(JsonElement.Parse($"[{Weather}, {Time}]"))];

    /// <summary>Text, calls, reason and tokens of a served answer.</summary>
    private static string Told(JsonNode answer)
    {
        var (choice, usage) = (answer["choices"]![0]!, answer["usage"]!);
        var calls = choice["message"]!["tool_calls"]?.AsArray().Select(call =>
            $"{call!["function"]!["name"]}({JsonNode.Parse((string)call["function"]!["arguments"]!)!.ToJsonString()})") ?? [];
        return $"{choice["message"]!["content"]} {string.Join(' ', calls)} {choice["finish_reason"]} {usage["prompt_tokens"]} "
            + $"{usage["completion_tokens"]}";
    }

    private static string Told(ChatResponse answer)
    {
        var calls = answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call =>
            $"{call.Name}({JsonSerializer.Serialize(call.Arguments)})");
        return $"{answer.Text} {string.Join(' ', calls)} {answer.FinishReason} {answer.Usage!.InputTokenCount} {answer.Usage.OutputTokenCount}";
    }
}
