using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories;

namespace Rebound.Agents.Tasks;

/// <summary>Reads a task's questions, a JSON list or JSON lines, and takes the slice that is asked for.</summary>
public static class QuestionLoader
{
    private const int FingerprintLength = 16;

    /// <summary>The file of a split under the data's folder, which holds the tasks' folders or is the task's own.</summary>
    /// <exception cref="ArgumentException">The task has no such split, or none of its files is there.</exception>
    public static string Find(AgentTask task, string folder, string split)
    {
        if (!task.Files.TryGetValue(split, out var names) || names.Count == 0)
        {
            var splits = task.Files.Where(files => files.Value.Count > 0).Select(files => files.Key);
            throw new ArgumentException($"The task {task.Name} has no split '{split}'; it has {string.Join(" and ", splits)}.");
        }

        return names.Select(name => Path.Combine(folder, name)).Concat(InOwnFolder(task, folder, names)).FirstOrDefault(File.Exists)
            ?? throw new ArgumentException(
                $"{folder} has no {split} questions of {task.Name}: it should hold {string.Join(" or ", names)}, or be the folder "
                    + "of that file.");
    }

    /// <summary>The files where the folder is the task's own; another task's may hold files of the same names.</summary>
    private static IEnumerable<string> InOwnFolder(AgentTask task, string folder, IReadOnlyList<string> names)
    {
        var own = BuiltInTasks.Find(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(".", folder)))));
        return own is not null && own.Name != task.Name
            ? []
            : names.Where(name => !Path.IsPathRooted(name)).Select(name => Path.Combine(folder, Path.GetFileName(name)));
    }

    /// <summary>The questions from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    /// <param name="start">Counted from 0; a negative one from the end, as in Python.</param>
    /// <param name="end">Null for all that follow; a negative one counts from the end.</param>
    /// <param name="onBadRow">Where a row that is no question is handed, to be left out before any is
    /// counted; null to end the reading there.</param>
    /// <exception cref="DataException">A row lacks a field, or two rows have one id.</exception>
    public static async Task<IReadOnlyList<TaskQuestion>> ReadAsync(
        string path, QuestionFields fields, int start = 0, int? end = null, Action<DataException>? onBadRow = null,
        CancellationToken cancellation = default)
    {
        var questions = new List<TaskQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in JsonRows.ReadAsync(path, onBadRow, cancellation: cancellation))
        {
            try
            {
                var question = Read(row, fields);
                questions.Add(ids.Add(question.IdText) ? question : throw row.Error(
                    fields.Id, $"'{question.IdText}' is the id of another question before it; ids must be unique."));
            }
            catch (DataException e) when (onBadRow is not null)
            {
                onBadRow(e);
            }
        }

        return Slice(questions, start, end);
    }

    /// <summary>
    /// The questions from <paramref name="start"/> up to, not including, <paramref name="end"/>, counted as <see cref="ReadAsync"/> does.
    /// </summary>
    public static IReadOnlyList<TaskQuestion> Slice(IReadOnlyList<TaskQuestion> questions, int start, int? end)
    {
        var (first, last) = (Position(start, questions.Count), Position(end ?? questions.Count, questions.Count));
        return first < last ? [.. questions.Take(first..last)] : [];
    }

    /// <summary>Tells a file of questions from every other, wherever it lies.</summary>
    public static string Fingerprint(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..FingerprintLength];
    }

    /// <summary>Tells questions that are in no file from all others.</summary>
    public static string Fingerprint(IEnumerable<TaskQuestion> questions)
    {
        var lines = questions.Select(question =>
            new JsonArray(question.Id.DeepClone(), question.Question, question.GroundTruth?.DeepClone()).ToJsonString());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..FingerprintLength];
    }

    private static TaskQuestion Read(DataRow row, QuestionFields fields)
    {
        var id = DataRow.Optional(row.Element, fields.Id);
        if (id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number) })
        {
            throw row.Error(fields.Id, "must be a string or a number.");
        }

        return new TaskQuestion(
            id is { } given ? JsonValue.Create(given)! : JsonValue.Create(row.Row - 1),
            row.Text(row.Element, "", fields.Question),
            StrictJson.Node(row.Member(row.Element, "", fields.GroundTruth)));
    }

    private static int Position(int index, int count) => Math.Clamp(index < 0 ? index + count : index, 0, count);
}
