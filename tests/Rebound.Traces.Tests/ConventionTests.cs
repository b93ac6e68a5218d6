using System.Text.Json.Nodes;

namespace Rebound.Traces.Tests;

/// <summary>The same conversation in the ways in which frameworks write it.</summary>
public sealed class ConventionTests
{
    private const string System = "You tell the weather.";
    private const string Question = "What is it like in Rome?";
    private const string Answer = "Sunny, 21 degrees.";

    /// <summary>Messages with parts, as text, as structures of OTLP, with <c>result</c> in place of <c>response</c>.</summary>
    [Theory]
    [InlineData(true, "response", "gen_ai.operation.name")]
    [InlineData(false, "result", "gen_ai.operation.name")]
    public void GenAi_with_messages_in_attributes(bool asText, string reply, string operation)
    {
        JsonNode Written(JsonArray messages) => asText ? JsonValue.Create(messages.ToJsonString()) : messages;
        var question = Parts("user", Text(Question));
        var call = Parts("assistant", new JsonObject
        {
            ["type"] = "tool_call",
            ["id"] = "call_1",
            ["name"] = "weather",
            ["arguments"] = new JsonObject { ["city"] = "Rome" },
        });
        var replied = Parts("tool", new JsonObject { ["type"] = "tool_call_response", ["id"] = "call_1", [reply] = "Rome: sun, 21" });
        var agent = Spans.Span("1", "", "invoke_agent forecaster", 1, new JsonObject
        {
            [operation] = "invoke_agent",
            ["gen_ai.agent.name"] = "forecaster",
            ["gen_ai.system_instructions"] = new JsonArray(Text(System)).ToJsonString(),
        });
        var first = Spans.Span("2", "1", "chat m", 2, new JsonObject
        {
            [operation] = "chat",
            ["gen_ai.system_instructions"] = new JsonArray(Text(System)).ToJsonString(),
            ["gen_ai.input.messages"] = Written([question.DeepClone()]),
            ["gen_ai.output.messages"] = Written([call.DeepClone()]),
        });
        var second = Spans.Span("3", "1", "chat m", 3, new JsonObject
        {
            [operation] = "chat",
            ["gen_ai.system_instructions"] = new JsonArray(Text(System)).ToJsonString(),
            ["gen_ai.input.messages"] = Written([question, call, replied]),
            ["gen_ai.output.messages"] = Written([Parts("assistant", Text(Answer))]),
            ["gen_ai.tool.definitions"] = "[{\"type\":\"function\",\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}}]",
        });

        var row = Assert.Single(Spans.Import(null, Spans.Traces(second, first), Spans.Traces(agent)).Rows);

        Conversation.AssertWeather(row);
        Assert.Equal("forecaster", (string?)row["source"]);
        Assert.Equal("weather", (string?)row["tools"]![0]!["function"]!["name"]);
    }

    [Theory]
    [InlineData("span events with attributes")]
    [InlineData("span events with JSON")]
    [InlineData("logs")]
    public void GenAi_with_an_event_for_each_message(string form)
    {
        (string Name, JsonObject Body)[] told =
        [
            ("gen_ai.system.message", new JsonObject { ["content"] = System }),
            ("gen_ai.user.message", new JsonObject { ["content"] = Question }),
            ("gen_ai.assistant.message", new JsonObject { ["tool_calls"] = new JsonArray(Call()) }),
            ("gen_ai.tool.message", new JsonObject { ["id"] = "call_1", ["content"] = "Rome: sun, 21" }),
            ("gen_ai.choice", new JsonObject
            {
                ["index"] = 0, ["finish_reason"] = "stop", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = Answer },
            }),
        ];
        JsonObject Flat(JsonObject body) => new(body.Select(member => KeyValuePair.Create<string, JsonNode?>(
            member.Key, member.Value is JsonArray or JsonObject ? member.Value.ToJsonString() : member.Value?.DeepClone())));
        var events = form == "logs" ? [] : new JsonArray([.. told.Select((item, i) => Spans.Event(
            item.Name, i, form.EndsWith("JSON", StringComparison.Ordinal)
                ? new JsonObject { ["gen_ai.event.content"] = item.Body.ToJsonString() } : Flat(item.Body)))]);
        var span = Spans.Span("1", "", "chat m", 1, new JsonObject { ["gen_ai.operation.name"] = "chat" }, events);
        var logs = new JsonObject
        {
            ["resourceLogs"] = new JsonArray(new JsonObject
            {
                ["scopeLogs"] = new JsonArray(new JsonObject
                {
                    ["logRecords"] = new JsonArray([.. told.Select((item, i) => new JsonObject
                    {
                        ["timeUnixNano"] = $"{i}", ["traceId"] = "000102030405060708090A0B0C0D0E0F", ["spanId"] = "0000000000000001",
                        ["attributes"] = Spans.Attributes(new JsonObject { ["event.name"] = item.Name }),
                        ["body"] = Spans.Value(item.Body),
                    })]),
                }),
            }),
        };

        var import = form == "logs" ? Spans.Import(null, logs, Spans.Traces(span)) : Spans.Import(null, Spans.Traces(span));

        Conversation.AssertWeather(Assert.Single(import.Rows));
    }

    [Fact]
    public void OpenLLMetry_with_numbered_attributes()
    {
        var span = Spans.Span("1", "", "openai.chat", 1, new JsonObject
        {
            ["llm.request.type"] = "chat",
            ["gen_ai.prompt.0.role"] = "system",
            ["gen_ai.prompt.0.content"] = System,
            ["gen_ai.prompt.1.role"] = "user",
            ["gen_ai.prompt.1.content"] = "[{\"type\":\"text\",\"text\":\"What is it like in Rome?\"}]",
            ["gen_ai.prompt.2.role"] = "assistant",
            ["gen_ai.prompt.2.tool_calls.0.id"] = "call_1",
            ["gen_ai.prompt.2.tool_calls.0.name"] = "weather",
            ["gen_ai.prompt.2.tool_calls.0.arguments"] = "{\"city\":\"Rome\"}",
            ["gen_ai.prompt.3.role"] = "tool",
            ["gen_ai.prompt.3.content"] = "Rome: sun, 21",
            ["gen_ai.prompt.3.tool_call_id"] = "call_1",
            ["gen_ai.completion.0.role"] = "assistant",
            ["gen_ai.completion.0.content"] = Answer,
            ["llm.request.functions.0.name"] = "weather",
            ["llm.request.functions.0.parameters"] = "{\"type\":\"object\"}",
        });

        var row = Assert.Single(Spans.Import(null, Spans.Traces(span)).Rows);

        Conversation.AssertWeather(row);
        Assert.Equal("object", (string?)row["tools"]![0]!["function"]!["parameters"]!["type"]);
    }

    [Fact]
    public void OpenInference()
    {
        var agent = Spans.Span("1", "", "agent", 1, new JsonObject { ["openinference.span.kind"] = "AGENT", ["agent.name"] = "forecaster" });
        var chat = Spans.Span("2", "1", "ChatCompletion", 2, new JsonObject
        {
            ["openinference.span.kind"] = "LLM",
            ["llm.model_name"] = "m",
            ["llm.input_messages.0.message.role"] = "system",
            ["llm.input_messages.0.message.content"] = System,
            ["llm.input_messages.1.message.role"] = "user",
            ["llm.input_messages.1.message.contents.0.message_content.type"] = "text",
            ["llm.input_messages.1.message.contents.0.message_content.text"] = Question,
            ["llm.input_messages.2.message.role"] = "assistant",
            ["llm.input_messages.2.message.tool_calls.0.tool_call.id"] = "call_1",
            ["llm.input_messages.2.message.tool_calls.0.tool_call.function.name"] = "weather",
            ["llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments"] = "{\"city\": \"Rome\"}",
            ["llm.input_messages.3.message.role"] = "tool",
            ["llm.input_messages.3.message.content"] = "Rome: sun, 21",
            ["llm.input_messages.3.message.tool_call_id"] = "call_1",
            ["llm.output_messages.0.message.role"] = "assistant",
            ["llm.output_messages.0.message.content"] = Answer,
            ["llm.tools.0.tool.json_schema"] = "{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{}}}",
        });

        var row = Assert.Single(Spans.Import(null, Spans.Traces(agent, chat)).Rows);

        Conversation.AssertWeather(row);
        Assert.Equal(("forecaster", "m"), ((string?)row["source"], (string?)row["model"]));
        Assert.Equal("weather", (string?)row["tools"]![0]!["function"]!["name"]);
    }

    [Theory]
    [InlineData("args", "result", false)]
    [InlineData("input", "output", true)]
    public void Vercel(string arguments, string result, bool typed)
    {
        JsonNode reply = typed ? new JsonObject { ["type"] = "text", ["value"] = "Rome: sun, 21" } : "Rome: sun, 21";
        var messages = new JsonArray(
            new JsonObject { ["role"] = "system", ["content"] = System },
            new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = Question }) },
            new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = new JsonArray(new JsonObject
                {
                    ["type"] = "tool-call",
                    ["toolCallId"] = "call_1",
                    ["toolName"] = "weather",
                    [arguments] = new JsonObject { ["city"] = "Rome" },
                }),
            },
            new JsonObject
            {
                ["role"] = "tool",
                ["content"] = new JsonArray(new JsonObject
                {
                    ["type"] = "tool-result",
                    ["toolCallId"] = "call_1",
                    ["toolName"] = "weather",
                    [result] = reply,
                }),
            });
        var outer = Spans.Span("1", "", "ai.generateText", 1, new JsonObject
        {
            ["ai.operationId"] = "ai.generateText",
            ["ai.telemetry.functionId"] = "forecaster",
        });
        var inner = Spans.Span("2", "1", "ai.generateText.doGenerate", 2, new JsonObject
        {
            ["ai.operationId"] = "ai.generateText.doGenerate",
            ["ai.prompt.messages"] = messages.ToJsonString(),
            ["ai.prompt.tools"] = new JsonArray("{\"type\":\"function\",\"name\":\"weather\",\"inputSchema\":{\"type\":\"object\"}}"),
            ["ai.response.text"] = Answer,
        });

        var row = Assert.Single(Spans.Import(null, Spans.Traces(outer, inner)).Rows);

        Conversation.AssertWeather(row);
        Assert.Equal("forecaster", (string?)row["source"]);
        Assert.Equal("weather", (string?)row["tools"]![0]!["function"]!["name"]);
    }

    [Fact]
    public void The_last_calls_reply_comes_from_its_own_span()
    {
        var agent = Spans.Span("1", "", "invoke_agent", 1, new JsonObject { ["gen_ai.operation.name"] = "invoke_agent" });
        var chat = Spans.Span("2", "1", "chat", 2, new JsonObject
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.input.messages"] = new JsonArray(Parts("user", Text(Question))).ToJsonString(),
            ["gen_ai.output.messages"] = new JsonArray(new JsonObject { ["role"] = "assistant", ["tool_calls"] = new JsonArray(Call()) }).ToJsonString(),
        });
        var tool = Spans.Span("3", "1", "execute_tool weather", 3, new JsonObject
        {
            ["gen_ai.operation.name"] = "execute_tool",
            ["gen_ai.tool.name"] = "weather",
            ["gen_ai.tool.call.id"] = "call_1",
            ["gen_ai.tool.call.result"] = "Rome: sun, 21",
        });

        var messages = Assert.Single(Spans.Import(null, Spans.Traces(agent, chat, tool)).Rows)["messages"]!.AsArray();

        Assert.Equal(["user", "assistant", "tool"], messages.Select(message => (string?)message!["role"]));
        Assert.Equal("Rome: sun, 21", (string?)messages[2]!["content"]);
    }

    [Fact]
    public void What_cannot_be_learned_from_is_counted_by_its_reason()
    {
        JsonObject Chat(string id, JsonObject message) => Spans.Span(id, "", "chat", 1, new JsonObject
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.conversation.id"] = id,
            ["gen_ai.input.messages"] = new JsonArray(message).ToJsonString(),
            ["gen_ai.output.messages"] = new JsonArray(Parts("assistant", Text(Answer))).ToJsonString(),
        });
        var image = Parts("user", new JsonObject { ["type"] = "blob", ["content"] = "AAAA" });
        var robot = Parts("robot", Text(Question));
        var silent = Spans.Span("3", "", "chat", 1, new JsonObject
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.conversation.id"] = "3",
            ["gen_ai.input.messages"] = new JsonArray(Parts("user", Text(Question))).ToJsonString(),
        });

        var import = Spans.Import(null, Spans.Traces(Chat("1", image), Chat("2", robot), silent));

        Assert.Empty(import.Rows);
        Assert.Equal(
            ["a message has a part of the type 'blob'", "a message has the role 'robot'", "the agent says nothing in it"],
            import.LeftOut.Keys);
    }

    private static JsonObject Parts(string role, params JsonObject[] parts) => new() { ["role"] = role, ["parts"] = new JsonArray([.. parts]) };

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["content"] = text };

    private static JsonObject Call() => new()
    {
        ["id"] = "call_1",
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = "weather", ["arguments"] = "{\"city\":\"Rome\"}" },
    };
}
