using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;
using Rebound.Trajectories;

namespace Rebound.Traces.Conventions;

/// <summary>
/// The Vercel AI SDK's spans: <c>ai.generateText</c> with <c>ai.generateText.doGenerate</c> and <c>ai.toolCall</c> within it.
/// </summary>
internal sealed class VercelConvention : ITraceConvention
{
    public string ContentSwitch => "set recordInputs and recordOutputs to true in experimental_telemetry";

    public SpanRole RoleOf(TraceSpan span) => (span.Text("ai.operationId") ?? span.Name) switch
    {
        "ai.generateText" or "ai.streamText" or "ai.generateObject" or "ai.streamObject" => SpanRole.Agent,
        "ai.toolCall" => SpanRole.Tool,
        { } name when name.StartsWith("ai.", StringComparison.Ordinal)
            && (name.EndsWith(".doGenerate", StringComparison.Ordinal) || name.EndsWith(".doStream", StringComparison.Ordinal)) =>
            SpanRole.Chat,
        _ => SpanRole.Other,
    };

    public Exchange? Read(TraceSpan span, IReadOnlyList<TraceEvent> events)
    {
        var (input, output) = (Input(span), Output(span));
        return input is null && output.Count == 0 ? null
            : new Exchange(input ?? [], output, ToolDefinitions.Read(span.Attributes.GetValueOrDefault("ai.prompt.tools")));
    }

    public ToolReply? Reply(TraceSpan span) =>
        span.Text("ai.toolCall.id") is { } id && span.Attributes.GetValueOrDefault("ai.toolCall.result") is { } result
            ? new ToolReply(id, span.Text("ai.toolCall.name") ?? "", TraceValues.AsText(result)) : null;

    private static IReadOnlyList<JsonObject>? Input(TraceSpan span)
    {
        if (MessageReader.Read(span.Attributes.GetValueOrDefault("ai.prompt.messages")) is { } messages)
        {
            return messages;
        }

        if (TraceValues.Structure(span.Attributes.GetValueOrDefault("ai.prompt")) is not JsonObject prompt)
        {
            return null;
        }

        var input = new List<JsonObject>();
        if (TraceValues.Text(prompt["system"]) is { } system)
        {
            input.Add(MessageReader.Message(Roles.System, system));
        }

        input.AddRange(MessageReader.Read(prompt["messages"]) ?? []);
        if (TraceValues.Text(prompt["prompt"]) is { } question)
        {
            input.Add(MessageReader.Message(Roles.User, question));
        }

        return input;
    }

    private static List<JsonObject> Output(TraceSpan span)
    {
        var text = span.Text("ai.response.text") ?? span.Text("ai.response.object") ?? span.Text("ai.result.text") ?? "";
        var calls = TraceValues.List(
            span.Attributes.GetValueOrDefault("ai.response.toolCalls") ?? span.Attributes.GetValueOrDefault("ai.result.toolCalls")) ?? [];
        return text.Length == 0 && calls.Count == 0 ? []
            : [MessageReader.Message(
                Roles.Assistant, text, span.Text("ai.response.reasoning") ?? "", new JsonArray([.. calls.Select(MessageReader.Call)]))];
    }
}
