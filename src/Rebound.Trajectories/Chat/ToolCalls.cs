using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Files.Json;
using Rebound.Trajectories;

namespace Rebound.Trajectories.Chat;

/// <summary>Converts tool calls between trajectories and chat interfaces.</summary>
public static class ToolCalls
{
    /// <summary>Calls in a conversation so far.</summary>
    public static int Count(IEnumerable<ChatMessage> messages) =>
        messages.Sum(message => message.Contents.Count(content => content is FunctionCallContent));

    /// <summary>
    /// The call with an id, which its result refers to: nine letters and digits where it has none, as
    /// the templates of Mistral's models demand.
    /// </summary>
    /// <param name="number">Of the call in its conversation, from 1.</param>
    public static ToolCall Named(ToolCall call, int number) => string.IsNullOrEmpty(call.Id) ? call with { Id = $"call{number:D5}" } : call;

    /// <summary>
    /// A call's result among the tools' turns behind it: the one that names the call, or the one in its place; null for none.
    /// </summary>
    /// <param name="place">Of the call in its turn, from 0.</param>
    public static Turn? ResultOf(ToolCall call, int place, IReadOnlyList<Turn> results) =>
        results.FirstOrDefault(turn => call.Id is { } id && ChatMessages.Find(turn, ChatMessages.CallId) == id)
            ?? results.ElementAtOrDefault(place);

    /// <summary>The call, with its arguments as the model wrote them where the content's raw representation is the call.</summary>
    public static ToolCall Of(FunctionCallContent content) => new(
        content.CallId,
        content.Name,
        content.RawRepresentation is ToolCall call
            ? call.Arguments
            : JsonSerializer.Serialize(content.Arguments ?? new Dictionary<string, object?>(), JsonOutput.OneLine));

    /// <summary>
    /// The call as a chat interface knows it. Arguments that are no JSON object are none, with an exception that says so.
    /// </summary>
    public static FunctionCallContent ToContent(ToolCall call)
    {
        try
        {
            var json = StrictJson.ParseElement(call.Arguments, DuplicateNames.LastCounts);
            var arguments = json.ValueKind == JsonValueKind.Object
                ? json.EnumerateObject()
                    .ToDictionary(member => member.Name, member => (object?)member.Value.Clone(), StringComparer.Ordinal)
                : throw new JsonException("the arguments must be a JSON object.");
            return new FunctionCallContent(call.Id ?? "", call.Name, arguments) { RawRepresentation = call };
        }
        catch (JsonException e)
        {
            return new FunctionCallContent(call.Id ?? "", call.Name) { Exception = e, RawRepresentation = call };
        }
    }
}
