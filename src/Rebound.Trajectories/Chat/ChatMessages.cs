using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Rebound.Trajectories.Chat;

/// <summary>
/// Converts turns to chat messages and back. A message remembers the turn that it was made from, so that a local checkpoint is prompted
/// exactly as it was trained.
/// </summary>
public static class ChatMessages
{
    /// <summary>The member of a tool's turn with the id of its call.</summary>
    public const string CallId = "tool_call_id";

    public static ChatMessage ToMessage(Turn turn) => new(new ChatRole(turn.Role), [.. Contents(turn)]) { RawRepresentation = turn };

    /// <summary>
    /// The turns of a message: the one that it was made from, or else its text, reasoning, calls and results; other contents are
    /// dropped. Results of several calls become a turn each.
    /// </summary>
    public static IEnumerable<Turn> ToTurns(ChatMessage message)
    {
        if (message.RawRepresentation is Turn turn)
        {
            return [turn];
        }

        var results = message.Contents.OfType<FunctionResultContent>().ToArray();
        return results.Length > 0
            ? results.Select(result => ToolReply(result.CallId, ToolResults.Text(result.Result)))
            : [Said(message.Role.Value, message.Contents, loss: false)];
    }

    /// <summary>A turn of a model from its contents.</summary>
    public static Turn Said(string role, IEnumerable<AIContent> contents, bool loss)
    {
        var all = ReasoningEndContent.Settle([.. contents]);
        var reasoning = string.Concat(all.OfType<TextReasoningContent>().Select(part => part.Text));
        var turn = new Turn(role, string.Concat(all.OfType<TextContent>().Select(part => part.Text)), loss)
        {
            ToolCalls = [.. all.OfType<FunctionCallContent>().Select(ToolCalls.Of)],
            Generated = GeneratedTokens.Join([.. all.OfType<GeneratedTokensContent>().Select(content => content.Tokens)]),
        };
        return reasoning.Length == 0 ? turn : turn with { Members = Member(Turn.ReasoningMember, reasoning) };
    }

    /// <summary>A tool's answer to a call.</summary>
    public static Turn ToolReply(string? id, string text)
    {
        var turn = new Turn(Roles.Tool, text, Loss: false);
        return id is null ? turn : turn with { Members = Member(CallId, id) };
    }

    private static IEnumerable<AIContent> Contents(Turn turn)
    {
        if (turn.Role == Roles.Tool)
        {
            yield return new FunctionResultContent(Find(turn, CallId) ?? "", turn.Content);
            yield break;
        }

        if (Find(turn, Turn.ReasoningMember) is { Length: > 0 } reasoning)
        {
            yield return new TextReasoningContent(reasoning);
        }

        if (turn.Content.Length > 0 || turn.ToolCalls.Count == 0)
        {
            yield return new TextContent(turn.Content);
        }

        foreach (var call in turn.ToolCalls)
        {
            yield return ToolCalls.ToContent(call);
        }
    }

    /// <summary>The text of a turn's member; null where it has none.</summary>
    public static string? Find(Turn turn, string member) =>
        turn.Members.TryGetValue(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static OrderedDictionary<string, JsonElement> Member(string name, string value) =>
        new() { [name] = JsonSerializer.SerializeToElement(value) };
}
