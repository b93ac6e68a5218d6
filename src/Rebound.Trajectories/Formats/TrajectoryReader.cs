using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Makes trajectories of rows.</summary>
internal static class TrajectoryReader
{
    public const string Id = "id";
    public const string Source = "source";

    /// <param name="format">Null to tell it from the row's members.</param>
    /// <exception cref="DataException">The row is no trajectory; the field is named.</exception>
    public static Trajectory Read(DataRow row, TrajectoryFormat? format)
    {
        var names = format is { } known ? TrajectoryFormatNames.Of(known) : TrajectoryFormatNames.Detect(row);
        row.CheckObject(row.Element, "");
        var id = ReadId(row);
        var turns = new TurnReader(row, names).Read();
        var source = DataRow.Optional(row.Element, Source) is { } value ? row.Id(value, Source) : null;
        return new Trajectory(id, turns, OutcomeReader.Read(row), source, row.Row)
        {
            Tools = ToolsReader.Read(row),
            Weight = WeightReader.Read(row),
            Members = Members(row, names),
            HasOwnId = DataRow.Optional(row.Element, Id) is not null,
        };
    }

    /// <summary>
    /// Questions are found by ids. A row without one is its number, counted from 0 as in the question files of the NAT reference; one
    /// whose id is null, or whose number is another's id, shares no id with another.
    /// </summary>
    private static string ReadId(DataRow row) => !row.Element.TryGetProperty(Id, out var id) ? $"{row.Row - 1}"
        : id.ValueKind == JsonValueKind.Null ? IdAmongOthers(row)
        : row.Id(id, Id);

    /// <summary>An id that no other row has.</summary>
    public static string IdAmongOthers(DataRow row) => $"row {row.Row}";

    private static OrderedDictionary<string, JsonElement> Members(DataRow row, TrajectoryFormatNames names)
    {
        var members = new OrderedDictionary<string, JsonElement>();
        foreach (var member in row.Element.EnumerateObject())
        {
            if (member.Name != names.Turns && member.Name != TurnReader.System && !ToolsReader.IsTools(member.Name))
            {
                members[member.Name] = member.Value.Clone();
            }
        }

        return members;
    }
}
