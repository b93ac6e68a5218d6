using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Questions by id: a JSON array or JSON lines of <c>{"id", "question"}</c>. Rows without an id are counted: the first
/// row's id is 0, as in the question files of the NAT reference.
/// </summary>
public sealed class QuestionFile
{
    private readonly Dictionary<string, string> _questions;

    private QuestionFile(string path, Dictionary<string, string> questions)
    {
        Path = path;
        _questions = questions;
    }

    public string Path { get; }

    public int Count => _questions.Count;

    /// <exception cref="DataException">A row cannot be read, or two questions share an id.</exception>
    public static async Task<QuestionFile> ReadAsync(string path, CancellationToken cancellation = default)
    {
        var questions = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var row in JsonRows.ReadAsync(path, cancellation: cancellation))
        {
            var text = row.Text(row.Element, "", "question");
            var id = row.Element.TryGetProperty("id", out var value) && value.ValueKind != JsonValueKind.Null
                ? row.Id(value, "id")
                : $"{row.Row - 1}";
            if (!questions.TryAdd(id, text) && questions[id] != text)
            {
                throw row.Error("id", $"'{id}' is the id of another question before it; ids must be unique.");
            }
        }

        return new QuestionFile(path, questions);
    }

    /// <summary>The question of an id, or null.</summary>
    public string? Find(string id) => _questions.GetValueOrDefault(id);
}
