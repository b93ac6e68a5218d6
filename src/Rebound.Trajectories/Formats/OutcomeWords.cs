using System.Globalization;
using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads a value as the outcome of an episode: true or false, a number, or a word such as <c>success</c>.</summary>
public static class OutcomeWords
{
    private static readonly string[] Good =
    [
        "true", "yes", "positive", "pos", "success", "successful", "succeeded", "correct", "right", "good", "pass", "passed", "win", "won",
        "chosen", "desirable", "solved", "resolved", "accepted",
    ];

    private static readonly string[] Bad =
    [
        "false", "no", "negative", "neg", "failure", "fail", "failed", "incorrect", "wrong", "bad", "lose", "loss", "lost", "rejected",
        "undesirable", "unsolved", "unresolved", "unsuccessful", "error", "timeout",
    ];

    /// <summary>1 and 0 for a word, the number for one that is written as text; null for any other text.</summary>
    public static double? Read(string text)
    {
        var word = text.Trim().ToLowerInvariant();
        return Good.Contains(word) ? 1
            : Bad.Contains(word) ? 0
            : double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : null;
    }

    /// <summary>The same for any value; null for what is no outcome.</summary>
    public static double? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number when double.IsFinite(value.GetDouble()) => value.GetDouble(),
        JsonValueKind.String => Read(value.GetString()!),
        _ => null,
    };
}
