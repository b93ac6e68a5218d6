using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Trajectories in the form of NATInstruct (Wang et al. 2024, arXiv 2402.11651): a JSON array or JSON lines of
/// <c>{"id", "conversations": [{"role", "content", "loss"}], "info": {"reward", "f1", "gt", "pred"}, "source"}</c>.
/// </summary>
public static class NatInstructFile
{
    /// <summary>
    /// Streams the trajectories of a file in order. With <paramref name="onBadRow"/> a row that is JSON but no
    /// trajectory is handed there and left out; without it, it ends the reading.
    /// </summary>
    /// <exception cref="DataException">A row cannot be read; file, row and field are named.</exception>
    public static async IAsyncEnumerable<Trajectory> ReadAsync(
        string path,
        Action<DataException>? onBadRow = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in JsonRows.ReadAsync(path, cancellation))
        {
            if (Read(row, onBadRow) is { } trajectory)
            {
                yield return trajectory;
            }
        }
    }

    /// <summary>The number of rows of a file, good or bad.</summary>
    public static async Task<int> CountAsync(string path, CancellationToken cancellation = default)
    {
        var rows = 0;
        await foreach (var _ in JsonRows.ReadAsync(path, cancellation))
        {
            rows++;
        }

        return rows;
    }

    private static Trajectory? Read(DataRow row, Action<DataException>? onBadRow)
    {
        try
        {
            return Read(row);
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(e);
            return null;
        }
    }

    private static Trajectory Read(DataRow row)
    {
        var id = row.Id(row.Member(row.Element, "", "id"), "id");
        var conversations = row.Member(row.Element, "", "conversations");
        if (conversations.ValueKind != JsonValueKind.Array)
        {
            throw row.Error("conversations", $"must be a list of turns, but is {DataRow.Kind(conversations)}.");
        }

        var turns = conversations.EnumerateArray().Select((turn, i) => ReadTurn(row, turn, $"conversations[{i}]")).ToArray();
        var source = row.Element.TryGetProperty("source", out var value) && value.ValueKind != JsonValueKind.Null
            ? row.Id(value, "source")
            : null;
        return new Trajectory(id, turns, ReadOutcome(row), source, row.Row);
    }

    private static Turn ReadTurn(DataRow row, JsonElement turn, string path)
    {
        var name = row.Text(turn, path, "role");
        var role = Roles.Find(name)
            ?? throw row.Error($"{path}.role", $"'{name}' is no known role; use user, assistant, system or tool.");
        var loss = role == Roles.Assistant;
        if (turn.TryGetProperty("loss", out var flag) && flag.ValueKind != JsonValueKind.Null)
        {
            loss = Number(row, flag, $"{path}.loss") switch
            {
                0 => false,
                1 => true,
                var other => throw row.Error($"{path}.loss", $"must be true or false, but is {other}."),
            };
        }

        return new Turn(role, row.Text(turn, path, "content"), loss);
    }

    private static Outcome ReadOutcome(DataRow row)
    {
        if (!row.Element.TryGetProperty("info", out var info) || info.ValueKind == JsonValueKind.Null)
        {
            return new Outcome(null, null);
        }

        if (info.ValueKind != JsonValueKind.Object)
        {
            throw row.Error("info", $"must be an object, but is {DataRow.Kind(info)}.");
        }

        return new Outcome(
            OptionalNumber(row, info, "reward"), OptionalNumber(row, info, "f1"), Copy(info, "gt"), Copy(info, "pred"));
    }

    private static double? OptionalNumber(DataRow row, JsonElement info, string name) =>
        info.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? Number(row, value, $"info.{name}")
            : null;

    private static double Number(DataRow row, JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number => value.GetDouble(),
        _ => throw row.Error(field, $"must be true, false or a number, but is {DataRow.Kind(value)}."),
    };

    /// <summary>A copy that does not keep the whole row alive.</summary>
    private static JsonElement? Copy(JsonElement info, string name) =>
        info.TryGetProperty(name, out var value) ? value.Clone() : null;
}
