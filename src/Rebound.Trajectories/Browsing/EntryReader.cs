using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Browsing;

/// <summary>Makes entries of the rows of one file, in their order.</summary>
/// <param name="task">Of rows that tell none; null for none.</param>
internal sealed class EntryReader(string? task)
{
    private const string TaskMember = "task";

    private readonly RowIds _ids = new();

    /// <summary>Few words in many rows: each is kept once.</summary>
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    public TrajectoryEntry Read(PlacedRow placed)
    {
        if (placed.Row is not { } row)
        {
            return BadOf(placed, placed.Problem!);
        }

        try
        {
            var trajectory = _ids.Next(TrajectoryFile.ReadRow(row.Element, row.File, row.Row), row);
            return new TrajectoryEntry(placed.Start, placed.Length, row.Row, trajectory.Id, trajectory.Outcome.Name)
            {
                Cause = Word(trajectory.Outcome.Cause),
                Task = Word(TaskOf(row.Element) ?? task),
                Reward = trajectory.Outcome.Reward,
                Turns = trajectory.Turns.Count,
                Length = trajectory.Turns.Sum(LengthOf),
                Question = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(trajectory.QuestionKey))),
            };
        }
        catch (DataException e)
        {
            return BadOf(placed, e);
        }
    }

    /// <summary>The problem without the file's path.</summary>
    public static string Sentence(DataException e) => e.Field is null ? e.Problem : $"'{e.Field}': {e.Problem}";

    private static TrajectoryEntry BadOf(PlacedRow placed, DataException problem) =>
        new(placed.Start, placed.Length, problem.Row ?? 0, "", TrajectoryEntry.Bad) { Problem = Sentence(problem) };

    private static int LengthOf(Turn turn) =>
        turn.Content.Length + turn.ToolCalls.Sum(call => call.Name.Length + call.Arguments.Length);

    private static string? TaskOf(JsonElement row) =>
        DataRow.Optional(row, TaskMember) is { ValueKind: JsonValueKind.String } told ? told.GetString()
        : DataRow.Optional(row, OutcomeReader.Info) is { ValueKind: JsonValueKind.Object } info
            && DataRow.Optional(info, TaskMember) is { ValueKind: JsonValueKind.String } inner ? inner.GetString()
        : null;

    private string? Word(string? word)
    {
        if (word is null || _words.TryGetValue(word, out var known))
        {
            return word is null ? null : _words[word];
        }

        return _words[word] = word;
    }
}
