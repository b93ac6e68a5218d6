using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Pages.Chat;

/// <summary>
/// Judged answers of conversations in a folder: a file of trajectories for each conversation, whole at every moment, and gone when nothing
/// in it is judged any more. Clients name no files: they bring back the name that they were given.
/// </summary>
/// <param name="time">Files are named by when they began.</param>
internal sealed class SavedConversations(string folder, TimeProvider time)
{
    private const int MostRows = 1000;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    /// <summary>Saves what is judged of a conversation, in the place of what was saved of it.</summary>
    /// <param name="conversation">The name that it was given; null, or another one, for one that is new.</param>
    /// <param name="rows">The judged answers, each with the conversation that led to it.</param>
    /// <returns>The conversation's name, and its file's.</returns>
    /// <exception cref="DataException">A row is no conversation.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public (string Conversation, string File) Save(string? conversation, IReadOnlyList<JsonElement> rows)
    {
        if (rows.Count > MostRows)
        {
            throw new DataException("rows", null, null, $"are {rows.Count}, and may be {MostRows}.");
        }

        var text = new StringBuilder();
        foreach (var (index, row) in rows.Index())
        {
            var trajectory = Read(row, index + 1);
            text.Append(new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(trajectory).ToJsonString(Readable)).Append('\n');
        }

        lock (_lock)
        {
            var name = conversation is not null && _given.Contains(conversation) ? conversation : New();
            var path = Path.Combine(folder, name + ".jsonl");
            if (rows.Count > 0)
            {
                WholeFile.WriteText(path, text.ToString());
            }
            else
            {
                File.Delete(path);
            }

            return (name, Path.GetFileName(path));
        }
    }

    private static Trajectory Read(JsonElement json, int number)
    {
        var row = new DataRow("rows", number, json);
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("conversation", out var messages)
            || messages.ValueKind != JsonValueKind.Array)
        {
            throw row.Error("conversation", "must be a list of messages.");
        }

        if (!json.TryGetProperty("good", out var verdict) || verdict.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw row.Error("good", "must be true or false.");
        }

        var turns = ChatTurns.Read(JsonArray.Create(messages)!, "rows", number);
        if (!turns.Any(turn => turn.Loss))
        {
            throw row.Error("conversation", "has no turn to learn.");
        }

        var isGood = verdict.GetBoolean();
        var outcome = new Outcome(isGood ? 1 : 0, F1: null, Cause: isGood ? null : FailureCause.WrongAnswer.Name());
        var members = new OrderedDictionary<string, JsonElement>();
        foreach (var name in new[] { "model", "condition" })
        {
            if (Text(json, name) is { } value)
            {
                members[name] = value;
            }
        }

        return new Trajectory("", turns, outcome, Text(json, "temperature")?.GetString(), Row: 0)
        {
            HasOwnId = false,
            Tools = json.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array ? tools.Clone() : null,
            Members = members,
        };
    }

    private static JsonElement? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.Clone() : null;

    private string New()
    {
        var began = time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var name = $"chat-{began}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        _given.Add(name);
        return name;
    }
}
