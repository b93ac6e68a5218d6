using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Conventions;

/// <summary>OpenInference (Arize Phoenix): numbered attributes under <c>llm.input_messages</c> and <c>llm.output_messages</c>.</summary>
internal sealed class OpenInferenceConvention : ITraceConvention
{
    public string ContentSwitch => "leave OPENINFERENCE_HIDE_INPUTS, _OUTPUTS, _INPUT_MESSAGES and _OUTPUT_MESSAGES unset";

    public SpanRole RoleOf(TraceSpan span) => span.Text("openinference.span.kind")?.ToUpperInvariant() switch
    {
        "AGENT" => SpanRole.Agent,
        "LLM" => SpanRole.Chat,
        "TOOL" => SpanRole.Tool,
        _ => SpanRole.Other,
    };

    public Exchange? Read(TraceSpan span, IReadOnlyList<TraceEvent> events)
    {
        var (input, output) = (Messages(span, "llm.input_messages"), Messages(span, "llm.output_messages"));
        return input.Count + output.Count == 0 ? null : new Exchange(input, output, ToolDefinitions.Read(new JsonArray(
            [.. FlatAttributes.List(span.Attributes, "llm.tools")
                .Select(tool => (tool["tool"] as JsonObject)?["json_schema"]?.DeepClone())])));
    }

    public ToolReply? Reply(TraceSpan span) =>
        span.Text("tool_call.id") is { } id && span.Attributes.GetValueOrDefault("output.value") is { } output
            ? new ToolReply(id, span.Text("tool.name") ?? "", TraceValues.AsText(output)) : null;

    private static List<JsonObject> Messages(TraceSpan span, string prefix)
    {
        var messages = new List<JsonObject>();
        foreach (var item in FlatAttributes.List(span.Attributes, prefix))
        {
            if (item["message"] is JsonObject message)
            {
                var contents = FlatAttributes.List(message, "contents");
                var plain = new JsonObject(message.Where(member => member.Key is not ("contents" or "tool_calls"))
                    .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
                if (contents.Count > 0)
                {
                    plain["content"] = new JsonArray([.. contents.Select(part => part["message_content"]?.DeepClone())]);
                }

                plain["tool_calls"] = new JsonArray(
                    [.. FlatAttributes.List(message, "tool_calls").Select(call => call["tool_call"]?.DeepClone())]);
                messages.AddRange(MessageReader.ReadOne(plain));
            }
        }

        return messages;
    }
}
