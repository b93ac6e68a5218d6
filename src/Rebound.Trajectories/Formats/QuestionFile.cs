using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Questions by id: a JSON array or JSON lines of <c>{"id", "question"}</c>. Rows without an id are counted: the first
/// row's id is 0, as in the question files of the NAT reference.
/// </summary>
public sealed class QuestionFile
{
    internal const string QuestionField = "question";

    private readonly Dictionary<string, string> _questions;

    private QuestionFile(string path, Dictionary<string, string> questions)
    {
        Path = path;
        _questions = questions;
    }

    public string Path { get; }

    public int Count => _questions.Count;

    /// <param name="onBadRow">Where a row that is no question is handed, to be left out; null to end the reading there.</param>
    /// <exception cref="DataException">A row cannot be read, or two questions share an id.</exception>
    public static async Task<QuestionFile> ReadAsync(
        string path, Action<DataException>? onBadRow = null, CancellationToken cancellation = default)
    {
        var questions = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var row in JsonRows.ReadAsync(path, onBadRow, cancellation: cancellation))
        {
            try
            {
                Add(questions, row);
            }
            catch (DataException e) when (onBadRow is not null)
            {
                onBadRow(e);
            }
        }

        return new QuestionFile(path, questions);
    }

    private static void Add(Dictionary<string, string> questions, DataRow row)
    {
        row.CheckObject(row.Element, "");
        if (DataRow.Optional(row.Element, QuestionField) is null
            && TrajectoryFormatNames.All.Any(format => row.Element.TryGetProperty(format.Turns, out _)))
        {
            throw row.Error(QuestionField, "is missing: the row is a trajectory, and a question was expected.");
        }

        var text = row.Text(row.Element, "", QuestionField);
        var id = DataRow.Optional(row.Element, TrajectoryReader.Id) is { } value ? row.Id(value, TrajectoryReader.Id) : $"{row.Row - 1}";
        if (!questions.TryAdd(id, text) && questions[id] != text)
        {
            throw row.Error(TrajectoryReader.Id, $"'{id}' is the id of another question before it; ids must be unique.");
        }
    }

    /// <summary>The question of an id, or null.</summary>
    public string? Find(string id) => _questions.GetValueOrDefault(id);
}
