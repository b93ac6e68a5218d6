using System.Globalization;
using System.Text.Json;
using Rebound.Files.Messages;
using Rebound.Trajectories;
using Rebound.Trajectories.Browsing;

namespace Rebound.Pages.Trajectories;

/// <summary>How the pages put numbers and trajectories into words.</summary>
internal static class TrajectoryTexts
{
    private const int ExcerptLength = 160;

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long number, string what) => $"{Count(number)} {what}{(number == 1 ? "" : "s")}";

    public static string Count(long number, string one, string many) => $"{Count(number)} {(number == 1 ? one : many)}";

    /// <summary>The CSS class of an outcome.</summary>
    public static string StyleOf(string outcome) => outcome switch
    {
        Outcome.Positive => "good",
        Outcome.Negative => "bad",
        TrajectoryEntry.Bad => "broken",
        _ => "unscored",
    };

    /// <summary>An outcome in a word.</summary>
    public static string NameOf(string outcome) => outcome switch
    {
        Outcome.Positive => "success",
        Outcome.Negative => "failure",
        TrajectoryEntry.Bad => "bad row",
        _ => "unscored",
    };

    /// <summary>How it begins: its question where it has one, on one line.</summary>
    public static string Beginning(Trajectory trajectory)
    {
        var opening = trajectory.Turns.TakeWhile(turn => turn.Role != Roles.Assistant).LastOrDefault(turn => turn.Role == Roles.User)
            ?? (trajectory.Turns is [var first, ..] ? first : null);
        return opening is null ? "" : Line(opening.Content);
    }

    public static string Line(string text) =>
        TextExcerpt.Beginning(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), ExcerptLength);

    /// <summary>An answer as people write it: texts without quotes.</summary>
    public static string Answer(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.##} GiB"),
    };
}
