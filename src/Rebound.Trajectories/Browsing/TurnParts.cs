using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Browsing;

/// <summary>Tells thoughts, calls and observations of a turn apart, however the agent writes them. Nothing of the text is lost.</summary>
public static class TurnParts
{
    private const string ObservationLabel = "Observation";

    public static IReadOnlyList<TurnPart> Of(Turn turn)
    {
        var parts = new List<TurnPart>();
        if (turn.Reasons)
        {
            parts.Add(new TurnPart(TurnPartKind.Thought, turn.Members[Turn.ReasoningMember].GetString()!));
        }

        if (turn.Role == Roles.Assistant)
        {
            Split(turn.Content, parts);
        }
        else if (turn.Content.Length > 0)
        {
            var isObservation = turn.Role == Roles.Tool
                || turn.Content.AsSpan().TrimStart().StartsWith(ObservationLabel, StringComparison.OrdinalIgnoreCase);
            parts.Add(new TurnPart(isObservation ? TurnPartKind.Observation : TurnPartKind.Text, turn.Content));
        }

        parts.AddRange(turn.ToolCalls.Select(call => new TurnPart(TurnPartKind.Call, $"{call.Name} {call.Arguments}")));
        return parts;
    }

    private static void Split(string text, List<TurnPart> parts)
    {
        var parsed = TolerantActions.Parse(text, []);
        var start = parsed.Action is { Length: > 0 } action ? text.IndexOf(action, StringComparison.Ordinal) : -1;
        if (start < 0)
        {
            Add(IsThought(text) ? TurnPartKind.Thought : TurnPartKind.Text, text);
            return;
        }

        // The label stands with the call.
        var line = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        start = line < start && text.AsSpan(line, start - line).TrimStart().StartsWith("Action", StringComparison.OrdinalIgnoreCase)
            ? line
            : start;
        var end = Math.Max(start, parsed.End ?? text.Length);
        Add(TurnPartKind.Thought, text[..start]);
        Add(TurnPartKind.Call, text[start..end]);
        Add(TurnPartKind.Text, text[end..]);

        void Add(TurnPartKind kind, string part)
        {
            if (!string.IsNullOrWhiteSpace(part))
            {
                parts.Add(new TurnPart(kind, part.Trim()));
            }
        }
    }

    private static bool IsThought(string text) => text.AsSpan().TrimStart().StartsWith("Thought", StringComparison.OrdinalIgnoreCase);
}
