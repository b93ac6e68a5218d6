using System.Text.Json.Nodes;
using Rebound.Trajectories;

namespace Rebound.Gateway.Keeping;

/// <summary>
/// The system messages that open a conversation, which some agents write anew in every request: with the time, or a memory.
/// </summary>
internal static class SystemPrompt
{
    /// <summary>Two prompts are one that changed when they share this part of their words.</summary>
    private const double LeastShared = 0.5;

    public static bool IsPart(JsonObject message) => (string?)message["role"] == Roles.System;

    /// <summary>How many messages open a conversation.</summary>
    public static int Length(IReadOnlyList<JsonObject> messages) => messages.TakeWhile(IsPart).Count();

    /// <summary>
    /// Whether two prompts are one that changed, and not those of two agents: at least half of the longer one's words are shared.
    /// </summary>
    public static bool AreAlike(IEnumerable<string> one, IEnumerable<string> other)
    {
        var (counts, longer, shared) = (new Dictionary<string, int>(StringComparer.Ordinal), 0, 0);
        foreach (var word in Words(one))
        {
            counts[word] = counts.GetValueOrDefault(word) + 1;
            longer++;
        }

        var words = 0;
        foreach (var word in Words(other))
        {
            words++;
            if (counts.TryGetValue(word, out var left) && left > 0)
            {
                counts[word] = left - 1;
                shared++;
            }
        }

        longer = Math.Max(longer, words);
        return longer > 0 && shared >= LeastShared * longer;
    }

    private static IEnumerable<string> Words(IEnumerable<string> texts) =>
        texts.SelectMany(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
