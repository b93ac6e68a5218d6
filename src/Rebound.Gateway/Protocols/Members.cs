using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Traces.Conventions;

namespace Rebound.Gateway.Protocols;

/// <summary>Members of requests and answers.</summary>
internal static class Members
{
    public static string? Text(JsonNode? value) =>
        value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;

    /// <summary>Messages as OpenAI's, each with its text, calls and reasoning.</summary>
    /// <exception cref="FormatException">One cannot be learned from, as it has an image for instance.</exception>
    public static IReadOnlyList<JsonObject> Messages(JsonArray messages) => [.. messages.SelectMany(Messages)];

    /// <exception cref="FormatException">It is no JSON.</exception>
    public static JsonElement Event(string data)
    {
        try
        {
            return StrictJson.ParseElement(data, DuplicateNames.LastCounts);
        }
        catch (JsonException e)
        {
            throw new FormatException("an event of the answer is no JSON", e);
        }
    }

    private static IEnumerable<JsonObject> Messages(JsonNode? node)
    {
        if (node is not JsonObject message)
        {
            throw new FormatException("a message is no object");
        }

        // The form of calls before there could be several at a time.
        if (message["function_call"] is JsonObject call && message["tool_calls"] is null)
        {
            message = message.DeepClone().AsObject();
            message["tool_calls"] = new JsonArray(new JsonObject { ["function"] = call.DeepClone() });
        }

        var reasoning = Text(message["reasoning_content"]) ?? Text(message["reasoning"]);
        foreach (var read in MessageReader.ReadOne(message, Trajectories.Roles.User))
        {
            if (reasoning is { Length: > 0 } && (string?)read["role"] == Trajectories.Roles.Assistant)
            {
                read[Trajectories.Turn.ReasoningMember] ??= reasoning;
            }

            yield return read;
        }
    }
}
