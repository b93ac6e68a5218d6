using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads the turns of a row, in whichever members its format keeps them.</summary>
internal sealed class TurnReader(DataRow row, TrajectoryFormatNames format)
{
    /// <summary>A member of a row with the text of a system turn that opens it.</summary>
    public const string System = "system";

    private readonly List<Turn> _turns = [];

    /// <summary>Whether the last turn is an assistant's text, which a call of a tool may belong to.</summary>
    private bool _mayCall;

    /// <exception cref="DataException">A turn cannot be read.</exception>
    public IReadOnlyList<Turn> Read()
    {
        var list = row.Member(row.Element, "", format.Turns);
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw row.Error(format.Turns, $"must be a list of turns, but is {DataRow.Kind(list)}.");
        }

        if (DataRow.Optional(row.Element, System) is { } system && row.Text(system, System) is { Length: > 0 } text)
        {
            _turns.Add(new Turn(Roles.System, text, Loss: false));
        }

        foreach (var (i, turn) in list.EnumerateArray().Index())
        {
            Add(turn, $"{format.Turns}[{i}]");
        }

        return _turns;
    }

    private void Add(JsonElement turn, string path)
    {
        var name = row.Text(turn, path, format.Role);
        var isCall = IsCall(name);
        var role = isCall ? Roles.Assistant : Roles.Find(name) ?? throw row.Error(
            DataRow.Field(path, format.Role), $"'{name}' is no known role; use user, assistant, system or tool.");
        var calls = ToolCallReader.Read(row, turn, path);
        var content = role == Roles.Tool
            ? ContentReader.ReadReply(row, turn, path, format.Content)
            : ContentReader.Read(row, turn, path, format.Content, mayBeEmpty: calls.Count > 0);
        if (isCall && calls.Count == 0 && ToolCallReader.Parse(row, content, DataRow.Field(path, format.Content)) is { } parsed)
        {
            (calls, content) = (parsed, "");
        }

        var read = new Turn(role, content, TurnFlags.Read(row, turn, path) ?? role == Roles.Assistant)
        {
            ToolCalls = calls,
            Members = Members(turn),
            Generated = GeneratedTokensJson.Read(row, turn, path),
        };
        if (isCall && _mayCall && content.Length == 0 && read is { Members.Count: 0, Generated: null } && _turns[^1].Loss == read.Loss)
        {
            _turns[^1] = _turns[^1] with { ToolCalls = calls };
            _mayCall = false;
            return;
        }

        _turns.Add(read);
        _mayCall = role == Roles.Assistant && !isCall && calls.Count == 0;
    }

    /// <summary>Whether a role stands for an assistant's turn that is a call of a tool, written as JSON.</summary>
    private static bool IsCall(string role) => role.ToLowerInvariant() is TrajectoryWriter.FunctionCallRole or "tool_call";

    private OrderedDictionary<string, JsonElement> Members(JsonElement turn)
    {
        var members = new OrderedDictionary<string, JsonElement>();
        foreach (var member in turn.EnumerateObject())
        {
            if (member.Name != format.Role && member.Name != format.Content
                && !TurnFlags.IsFlag(member.Name) && !ToolCallReader.IsToolCalls(member.Name)
                && !GeneratedTokensJson.IsTokens(member))
            {
                members[member.Name] = member.Value.Clone();
            }
        }

        return members;
    }
}
