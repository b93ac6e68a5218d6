using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>A file format of trajectories. All are read into the same <see cref="Trajectory"/>.</summary>
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

/// <summary>The names of the formats, and the members in which they keep turns.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Turns">The row's member with the list of turns.</param>
/// <param name="Role">A turn's member that says who speaks.</param>
/// <param name="Content">A turn's member with the text.</param>
public sealed record TrajectoryFormatNames(TrajectoryFormat Format, string Name, string Turns, string Role, string Content)
{
    private const string Conversations = "conversations";
    private const string Messages = "messages";

    private const int NamesShown = 6;

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
            _ => throw WithoutTurns(row),
        };
    }

    /// <summary>The error for a row that is something else, which is named where it is known.</summary>
    private static DataException WithoutTurns(DataRow row)
    {
        bool Has(string name) => row.Element.TryGetProperty(name, out _);
        var names = string.Join(", ", row.Element.EnumerateObject().Take(NamesShown).Select(member => $"'{member.Name}'"));
        var what = Has(QuestionFile.QuestionField) ? "it is a question, which is no trajectory; questions are given apart"
            : Has("chosen") && Has("rejected") ? "it is a pair of answers; make each of the two a trajectory, with 'label' true and false"
            : Has("prompt") && Has("completion") ? "it is a prompt with its completion; put both into 'messages'"
            : Has("instruction") && Has("output") ? "it is an instruction with its output; put both into 'messages'"
            : Has("role")
                && Has("content") ? "it is a single message; a row is a whole conversation, with its messages in a list 'messages'"
            : names.Length == 0 ? "it is empty"
            : $"it has {names}";
        return new DataException(row.File, row.Row, Conversations, $"is missing, and so is '{Messages}': the row has no turns; {what}.")
        {
            Fault = Has(QuestionFile.QuestionField) ? RowFault.IsQuestion : RowFault.Other,
        };
    }

    private static bool IsShareGpt(JsonElement turns) =>
        turns.ValueKind == JsonValueKind.Array
        && turns.GetArrayLength() > 0
        && turns[0].ValueKind == JsonValueKind.Object
        && turns[0].TryGetProperty("from", out _);
}
