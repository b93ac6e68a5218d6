using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>A form in which trajectories are kept. All are read into the same <see cref="Trajectory"/>.</summary>
public enum TrajectoryFormat
{
    /// <summary>
    /// NATInstruct (Wang et al. 2024, arXiv 2402.11651):
    /// <c>{"id", "conversations": [{"role", "content", "loss"}], "info": {"reward", …}, "source"}</c>.
    /// </summary>
    NatInstruct,

    /// <summary>OpenAI chat: <c>{"messages": [{"role", "content", "tool_calls", "weight"}], "tools": […]}</c>.</summary>
    OpenAi,

    /// <summary>ShareGPT: <c>{"conversations": [{"from", "value"}], "system", "tools": "…"}</c>.</summary>
    ShareGpt,
}

/// <summary>Where a format keeps its turns and what they say.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Turns">The row's member with the list of turns.</param>
/// <param name="Role">A turn's member that says who speaks.</param>
/// <param name="Content">A turn's member with the text.</param>
public sealed record TrajectoryFormatNames(TrajectoryFormat Format, string Name, string Turns, string Role, string Content)
{
    private const string Conversations = "conversations";
    private const string Messages = "messages";

    public static IReadOnlyList<TrajectoryFormatNames> All { get; } =
    [
        new(TrajectoryFormat.NatInstruct, "nat", Conversations, "role", "content"),
        new(TrajectoryFormat.OpenAi, "openai", Messages, "role", "content"),
        new(TrajectoryFormat.ShareGpt, "sharegpt", Conversations, "from", "value"),
    ];

    public static TrajectoryFormatNames Of(TrajectoryFormat format) => All.First(names => names.Format == format);

    /// <summary>The format of a row, by the members that it has.</summary>
    /// <exception cref="DataException">It has the members of none, or of two.</exception>
    internal static TrajectoryFormatNames Detect(DataRow row)
    {
        row.CheckObject(row.Element, "");
        return (row.Element.TryGetProperty(Conversations, out var turns), row.Element.TryGetProperty(Messages, out _)) switch
        {
            (true, true) => throw row.Error(
                Messages, $"stands beside '{Conversations}', so it is not clear which of the two are the turns; name the format."),
            (false, true) => Of(TrajectoryFormat.OpenAi),
            (true, false) => Of(IsShareGpt(turns) ? TrajectoryFormat.ShareGpt : TrajectoryFormat.NatInstruct),
            _ => throw row.Error(Conversations, $"is missing, and so is '{Messages}': the row has no turns."),
        };
    }

    private static bool IsShareGpt(JsonElement turns) =>
        turns.ValueKind == JsonValueKind.Array
        && turns.GetArrayLength() > 0
        && turns[0].ValueKind == JsonValueKind.Object
        && turns[0].TryGetProperty("from", out _);
}
