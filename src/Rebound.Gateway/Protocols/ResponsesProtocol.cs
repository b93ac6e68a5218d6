using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Server.Http;
using Rebound.Server.OpenAi;
using Rebound.Traces.Conventions;
using Rebound.Traces.Otlp;

namespace Rebound.Gateway.Protocols;

/// <summary>OpenAI's <c>/responses</c>, answered whole or as events, of which the last has the whole answer.</summary>
internal sealed class ResponsesProtocol : IRecordedProtocol
{
    private const string Completed = "response.completed";
    private const string Incomplete = "response.incomplete";
    private const string Failed = "response.failed";

    private static readonly string[] LastEvents = [Completed, Incomplete, Failed];

    public StreamEnd NewEnd() => new(["data: [DONE]"], [.. LastEvents.SelectMany(name => (string[])[$"event: {name}", $"event:{name}"])]);

    public Asked ReadRequest(JsonObject body)
    {
        if (body["conversation"] is not null)
        {
            throw new FormatException("its conversation is kept by the upstream ('conversation')");
        }

        var messages = new JsonArray();
        var follows = Members.Text(body["previous_response_id"]);
        if (follows is null && Members.Text(body["instructions"]) is { Length: > 0 } instructions)
        {
            messages.Add((JsonNode)MessageReader.Message(Trajectories.Roles.System, instructions));
        }

        foreach (var message in Read(body["input"]))
        {
            messages.Add(message!.DeepClone());
        }

        return new Asked(Members.Text(body["model"]), follows, Members.Messages(messages), ToolDefinitions.Read(body["tools"]));
    }

    public Answered ReadAnswer(JsonObject body)
    {
        var status = Members.Text(body["status"]);
        if (status is not (null or "completed" or "incomplete"))
        {
            throw new UnfinishedException($"the upstream's answer is '{status}'");
        }

        var messages = Members.Messages(Read(body["output"]));
        return messages.Count == 0 ? throw new FormatException("the answer says nothing")
            : new Answered(Members.Text(body["id"]), Members.Text(body["model"]), [new AnsweredChoice(messages, Finish(body, status))]);
    }

    public async Task<Answered> ReadEventsAsync(Stream events)
    {
        await foreach (var item in SseParser.Create(events).EnumerateAsync())
        {
            // Events tell their type in their data, and mostly beside it; only the last are read.
            if (LastEvents.Any(name => item.Data.Contains($"\"{name}\"", StringComparison.Ordinal))
                && TraceValues.Node(Members.Event(item.Data)) is JsonObject last
                && LastEvents.Contains(Members.Text(last["type"]) ?? item.EventType) && last["response"] is JsonObject response)
            {
                return ReadAnswer(response);
            }
        }

        throw new UnfinishedException("the answer was cut off");
    }

    private static string Finish(JsonObject body, string? status) =>
        status != "incomplete" ? "stop" : Members.Text(body["incomplete_details"]?["reason"]) is "max_output_tokens" or null ? "length"
        : Members.Text(body["incomplete_details"]!["reason"])!;

    private static JsonArray Read(JsonNode? items)
    {
        try
        {
            return ResponsesInput.Messages(items is null ? null : StrictJson.Element(items));
        }
        catch (ApiException e)
        {
            throw new FormatException(e.Message.TrimEnd('.'), e);
        }
    }
}
