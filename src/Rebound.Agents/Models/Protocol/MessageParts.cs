using System.Text.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>The text of a message or of a piece of one, its reasoning, and its refusal.</summary>
/// <param name="Text">Null where it has none.</param>
internal sealed record MessageParts(string? Text, string? Reasoning, string? Refusal)
{
    private static readonly string[] ReasoningNames = ["reasoning_content", "reasoning", "thinking"];
    private static readonly string[] TextNames = ["text", "thinking", "reasoning", "refusal", "content", "value", "summary"];

    public static MessageParts Of(JsonElement message)
    {
        var (text, reasoning, refusal) = message.Member("content") switch
        {
            null => (null, null, null),
            { ValueKind: JsonValueKind.Array } list => OfList(list),
            var content => (Plain(content.Value), null, null),
        };
        var declined = message.Text("refusal") is { Length: > 0 } beside ? beside : refusal;
        return new MessageParts(text, ReasoningBeside(message) ?? reasoning, declined);
    }

    /// <summary>This one and the piece after it.</summary>
    public MessageParts Add(MessageParts next) => new(Both(Text, next.Text), Both(Reasoning, next.Reasoning), Both(Refusal, next.Refusal));

    private static string? Both(string? text, string? more) => text is null ? more : text + more;

    /// <summary>Servers name it in several ways, and some say it twice.</summary>
    private static string? ReasoningBeside(JsonElement message) =>
        ReasoningNames
            .Select(name => message.Member(name) is { } member ? Plain(member) : null)
            .Append(Joined(message.Items("reasoning_details").Select(Plain)))
            .FirstOrDefault(reasoning => !string.IsNullOrEmpty(reasoning));

    private static (string? Text, string? Reasoning, string? Refusal) OfList(JsonElement list)
    {
        var parts = list.EnumerateArray().ToLookup(part => part.Text("type") switch
        {
            "thinking" or "reasoning" => "reasoning",
            "refusal" => "refusal",
            _ => "text",
        });
        return (Joined(parts["text"].Select(Plain)), Joined(parts["reasoning"].Select(Plain)), Joined(parts["refusal"].Select(Plain)));
    }

    /// <summary>The text of a part, or of the parts within it; null for what has none, an image for instance.</summary>
    private static string? Plain(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.String => part.GetString(),
        JsonValueKind.Array => Joined(part.EnumerateArray().Select(Plain)),
        JsonValueKind.Object => TextNames
            .Select(name => part.Member(name) is { } member ? Plain(member) : null)
            .FirstOrDefault(text => text is not null),
        JsonValueKind.Number => part.GetRawText(),
        _ => null,
    };

    private static string? Joined(IEnumerable<string?> texts)
    {
        var all = texts.Where(text => text is not null).ToList();
        return all.Count == 0 ? null : string.Concat(all);
    }
}
