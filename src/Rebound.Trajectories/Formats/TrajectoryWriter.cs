using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Writes trajectories as rows of a format, so that reading them again gives the same turns, loss flags, tools, outcome,
/// id, source and further members. What the format has no place for is counted.
/// </summary>
public sealed class TrajectoryWriter(TrajectoryFormat format)
{
    /// <summary>Digits of an id that is made: 80 bits, so that no two questions share one.</summary>
    private const int MadeIdLength = 20;

    internal const string FunctionCallRole = "function_call";

    private readonly TrajectoryFormatNames _names = TrajectoryFormatNames.Of(format);
    private readonly Dictionary<string, int> _lost = new(StringComparer.Ordinal);

    public TrajectoryFormat Format => _names.Format;

    /// <summary>Counts of the losses of a conversion, by description.</summary>
    public IReadOnlyDictionary<string, int> Lost => _lost;

    public JsonObject Write(Trajectory trajectory)
    {
        var members = new JsonObject();
        foreach (var (name, value) in trajectory.Members)
        {
            if (TrajectoryFormatNames.All.Any(names => names.Turns == name))
            {
                Lose($"a row's member '{name}', which would be taken for its turns");
            }
            else
            {
                members[name] = Node(value);
            }
        }

        OutcomeWriter.Write(trajectory.Outcome, members);
        var row = new JsonObject();
        if (Id(trajectory, members) is { } id)
        {
            row[TrajectoryReader.Id] = id;
        }

        row[_names.Turns] = Turns(trajectory.Turns);
        if (trajectory.Tools is { } tools)
        {
            row[ToolsReader.Tools] = _names.Format == TrajectoryFormat.ShareGpt ? tools.GetRawText() : Node(tools);
        }

        var source = Taken(members, TrajectoryReader.Source, trajectory.Source);
        if (source is not null)
        {
            row[TrajectoryReader.Source] = source;
        }

        foreach (var (name, value) in members.ToArray())
        {
            members.Remove(name);
            row[name] = value;
        }

        return row;
    }

    /// <summary>A turn by itself, in a format whose turns have a role and a content each.</summary>
    public JsonObject Write(Turn turn) => RoleAndContent(turn);

    /// <summary>
    /// The id from the data. Without one, NATInstruct, which needs ids, gets a hash of the question, the same for all its attempts in
    /// any file; other formats get none, since a row's number would not be stable.
    /// </summary>
    private JsonNode? Id(Trajectory trajectory, JsonObject members)
    {
        var given = Taken(members, TrajectoryReader.Id, trajectory.Id);
        if (trajectory.HasOwnId)
        {
            return given;
        }

        return _names.Format == TrajectoryFormat.NatInstruct
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(trajectory.QuestionKey)))[..MadeIdLength]
            : null;
    }

    /// <summary>The members' own node where it says the same as the text, so that a number stays one; else the text.</summary>
    private static JsonNode? Taken(JsonObject members, string name, string? text)
    {
        members.Remove(name, out var node);
        return node is JsonValue value
            && (value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString()) == text
            ? node
            : text;
    }

    private JsonArray Turns(IReadOnlyList<Turn> turns)
    {
        var list = new JsonArray();
        for (var i = 0; i < turns.Count; i++)
        {
            if (_names.Format == TrajectoryFormat.ShareGpt)
            {
                AddShareGpt(list, turns[i], i > 0 ? turns[i - 1] : null);
            }
            else
            {
                list.Add((JsonNode)RoleAndContent(turns[i]));
            }
        }

        return list;
    }

    private JsonObject RoleAndContent(Turn turn)
    {
        var isOpenAi = _names.Format == TrajectoryFormat.OpenAi;
        var message = new JsonObject
        {
            [_names.Role] = turn.Role,
            [_names.Content] = isOpenAi && turn.Content.Length == 0 && turn.ToolCalls.Count > 0 ? null : turn.Content,
        };
        if (turn.ToolCalls.Count > 0)
        {
            message[ToolCallReader.ToolCalls] = ToolCallWriter.Messages(turn.ToolCalls);
        }

        if (!isOpenAi)
        {
            message[TurnFlags.Loss] = turn.Loss;
        }
        else if (!IsUsual(turn))
        {
            message[TurnFlags.Weight] = turn.Loss ? 1 : 0;
        }

        AddMembers(message, turn);
        return message;
    }

    /// <summary>A call is a turn of its own there; text before it is one too, and both are read back as one.</summary>
    private void AddShareGpt(JsonArray list, Turn turn, Turn? before)
    {
        var isCall = turn.ToolCalls.Count > 0;
        if (!isCall || turn.Content.Length > 0)
        {
            var text = ShareGptTurn(ShareGptRole(turn.Role), turn.Content, turn);
            AddMembers(text, turn);
            list.Add((JsonNode)text);
        }

        if (isCall)
        {
            var call = ShareGptTurn(FunctionCallRole, ToolCallWriter.Text(turn.ToolCalls), turn);
            if (turn.Content.Length == 0)
            {
                AddMembers(call, turn);
                if (turn is { Members.Count: 0, Generated: null }
                    && before is { Role: Roles.Assistant, ToolCalls.Count: 0 } && before.Loss == turn.Loss)
                {
                    Lose("the border between an assistant's text and a call in its next turn, which are read back as one turn");
                }
            }

            list.Add((JsonNode)call);
        }
    }

    private JsonObject ShareGptTurn(string role, string value, Turn turn)
    {
        var written = new JsonObject { [_names.Role] = role, [_names.Content] = value };
        if (!IsUsual(turn))
        {
            written[TurnFlags.Loss] = turn.Loss;
        }

        return written;
    }

    private static string ShareGptRole(string role) => role switch
    {
        Roles.User => "human",
        Roles.Assistant => "gpt",
        Roles.Tool => "observation",
        _ => role,
    };

    /// <summary>Whether the loss is what a turn without a flag has.</summary>
    private static bool IsUsual(Turn turn) => turn.Loss == (turn.Role == Roles.Assistant);

    private void AddMembers(JsonObject message, Turn turn)
    {
        foreach (var (name, value) in turn.Members)
        {
            if (name == _names.Role || name == _names.Content)
            {
                Lose($"a turn's member '{name}', which has a meaning of its own in {_names.Name}");
            }
            else
            {
                message[name] = Node(value);
            }
        }

        if (turn.Generated is { } generated)
        {
            message[GeneratedTokensJson.Member] = GeneratedTokensJson.Write(generated);
        }
    }

    private void Lose(string what) => _lost[what] = _lost.GetValueOrDefault(what) + 1;

    private static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };
}
