using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;
using Rebound.Trajectories;

namespace Rebound.Traces.Conventions;

/// <summary>
/// OpenTelemetry's conventions for generative AI: messages in <c>gen_ai.input.messages</c> and <c>gen_ai.output.messages</c> (from 1.37),
/// in an event of one message each (to 1.36), or in numbered attributes (OpenLLMetry).
/// </summary>
internal sealed class GenAiConvention : ITraceConvention
{
    private const string Prompt = "gen_ai.prompt";
    private const string Completion = "gen_ai.completion";

    public string ContentSwitch =>
        "set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true, or in .NET EnableSensitiveData = true where telemetry is added "
        + "(OpenLLMetry: TRACELOOP_TRACE_CONTENT=true)";

    public SpanRole RoleOf(TraceSpan span) => span.Text("gen_ai.operation.name") switch
    {
        "invoke_agent" => SpanRole.Agent,
        "chat" or "text_completion" or "generate_content" => SpanRole.Chat,
        "execute_tool" => SpanRole.Tool,
        not null => SpanRole.Other,
        null => span.Text("traceloop.span.kind") switch
        {
            "agent" => SpanRole.Agent,
            "tool" => SpanRole.Tool,
            not null => SpanRole.Other,
            null when span.Text("llm.request.type") is "chat" or "completion" => SpanRole.Chat,
            null when FlatAttributes.List(span.Attributes, Prompt).Count > 0 => SpanRole.Chat,
            null => SpanRole.Other,
        },
    };

    public Exchange? Read(TraceSpan span, IReadOnlyList<TraceEvent> events)
    {
        var details = events.LastOrDefault(item => item.Name == "gen_ai.client.inference.operation.details");
        JsonNode? Told(string name) => span.Attributes.GetValueOrDefault(name) ?? details?.Attributes.GetValueOrDefault(name)
            ?? (details?.Body as JsonObject)?[name];
        var tools = ToolDefinitions.Read(Told("gen_ai.tool.definitions"))
            ?? ToolDefinitions.Read(new JsonArray([.. FlatAttributes.List(span.Attributes, "llm.request.functions")]));
        var (input, output) = (MessageReader.Read(Told("gen_ai.input.messages")), MessageReader.Read(Told("gen_ai.output.messages")));
        if (input is not null || output is not null)
        {
            return new Exchange(WithInstructions(input ?? [], Told("gen_ai.system_instructions")), output ?? [], tools);
        }

        return OfEvents(events, tools) ?? OfNumbers(span, tools);
    }

    public ToolReply? Reply(TraceSpan span) =>
        span.Text("gen_ai.tool.call.id") is { } id && span.Attributes.GetValueOrDefault("gen_ai.tool.call.result") is { } result
            ? new ToolReply(id, span.Text("gen_ai.tool.name") ?? "", TraceValues.AsText(result)) : null;

    private static IReadOnlyList<JsonObject> WithInstructions(IReadOnlyList<JsonObject> input, JsonNode? instructions)
    {
        if (instructions is null || input is [{ } first, ..] && (string?)first["role"] == Roles.System)
        {
            return input;
        }

        var told = TraceValues.List(instructions) is { } parts
            ? MessageReader.ReadOne(
                new JsonObject { ["parts"] = new JsonArray([.. parts.Select(part => part?.DeepClone())]) }, Roles.System)
            : [MessageReader.Message(Roles.System, TraceValues.AsText(instructions))];
        return [.. told, .. input];
    }

    /// <summary>The conventions to 1.36: an event for each message, with its body or an attribute of JSON.</summary>
    private static Exchange? OfEvents(IReadOnlyList<TraceEvent> events, JsonArray? tools)
    {
        var (input, output) = (new List<JsonObject>(), new List<JsonObject>());
        foreach (var item in events.OrderBy(item => item.Time))
        {
            switch (item.Name)
            {
                case "gen_ai.system.message" or "gen_ai.user.message" or "gen_ai.assistant.message" or "gen_ai.tool.message":
                    input.AddRange(MessageReader.ReadOne(Body(item), item.Name.Split('.')[1]));
                    break;
                case "gen_ai.choice" when Body(item) is { } choice:
                    output.AddRange(MessageReader.ReadOne(choice["message"] ?? choice));
                    break;
                case "gen_ai.content.prompt" when MessageReader.Read(item.Attributes.GetValueOrDefault(Prompt)) is { } messages:
                    input.AddRange(messages);
                    break;
                case "gen_ai.content.completion" when MessageReader.Read(item.Attributes.GetValueOrDefault(Completion)) is { } messages:
                    output.AddRange(messages);
                    break;
            }
        }

        return input.Count + output.Count > 0 ? new Exchange(input, output, tools) : null;
    }

    /// <summary>An event's members: its body, an attribute that holds it as JSON, or its attributes themselves.</summary>
    private static JsonObject Body(TraceEvent item) =>
        TraceValues.Structure(item.Body) as JsonObject
        ?? TraceValues.Structure(item.Attributes.GetValueOrDefault("gen_ai.event.content")) as JsonObject
        ?? new JsonObject(item.Attributes.Where(attribute => !attribute.Key.Contains('.', StringComparison.Ordinal)).Select(attribute =>
            KeyValuePair.Create(attribute.Key, attribute.Key is "tool_calls" or "message"
                ? TraceValues.Structure(attribute.Value)?.DeepClone() : attribute.Value?.DeepClone())));

    private static Exchange? OfNumbers(TraceSpan span, JsonArray? tools)
    {
        var (prompt, completion) = (Numbered(span, Prompt), Numbered(span, Completion));
        return prompt.Count + completion.Count > 0 ? new Exchange(prompt, completion, tools) : null;
    }

    private static List<JsonObject> Numbered(TraceSpan span, string prefix)
    {
        var messages = new List<JsonObject>();
        foreach (var item in FlatAttributes.List(span.Attributes, prefix))
        {
            var calls = FlatAttributes.List(item, "tool_calls");
            item["tool_calls"] = new JsonArray([.. calls.Select(call => call.DeepClone())]);
            item["content"] = TraceValues.Structure(item["content"]) is JsonArray parts ? parts.DeepClone() : item["content"]?.DeepClone();
            messages.AddRange(MessageReader.ReadOne(item));
        }

        return messages;
    }
}
