using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Cli.Rows;

/// <summary>A row of a JSON lines file, with its place for messages.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">1-based.</param>
internal sealed record Row(string File, int Line, JsonObject Content)
{
    public bool Has(string field) => Content[field] is not null;

    /// <exception cref="DataException">The field is absent or no text.</exception>
    public string Text(string field) => Content[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String
        ? value.GetValue<string>()
        : throw Wrong(field, Content[field] is null ? "is missing." : "must be a string.");

    /// <exception cref="DataException">The field is absent or no list.</exception>
    public JsonArray List(string field) =>
        Content[field] as JsonArray ?? throw Wrong(field, Content[field] is null ? "is missing." : "must be a list.");

    /// <summary>An exception that names this row.</summary>
    public DataException Wrong(string? field, string problem, Exception? inner = null) => new(File, Line, field, problem, inner);
}

/// <summary>Reads JSON lines: one object a line, empty lines left out; <c>-</c> is standard input.</summary>
internal static class RowReader
{
    /// <summary>Reads rows one at a time.</summary>
    /// <param name="onBadRow">Where a line that is no JSON object is handed; the reading goes on after it.</param>
    /// <exception cref="InputException">There is no file; this is known before the first row is asked for.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<Row> Read(string path, Action<DataException> onBadRow)
    {
        if (path != "-")
        {
            PathChecks.RequireInput(path);
        }

        return ReadLines(path, onBadRow);
    }

    private static IEnumerable<Row> ReadLines(string path, Action<DataException> onBadRow)
    {
        // A character is a byte here: bytes that are not UTF-8 are an error, and a decoder would put marks in their place.
        using TextReader reader = path == "-" ? new InterruptibleReader(Bytes(StandardStreams.OpenInput())) : Bytes(File.OpenRead(path));
        var name = path == "-" ? "standard input" : path;
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && Parse(name, number, line, onBadRow) is { } row)
            {
                yield return row;
            }
        }
    }

    private static StreamReader Bytes(Stream stream) => new(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: false);

    private static Row? Parse(string name, int number, string line, Action<DataException> onBadRow)
    {
        try
        {
            if (StrictJson.ParseNode(Encoding.Latin1.GetBytes(line)) is JsonObject content)
            {
                return new Row(name, number, content);
            }

            onBadRow(
                new DataException(name, number, field: null, "must be a JSON object; a list in one piece has to be split into lines."));
        }
        catch (JsonException exception)
        {
            var problem = line.TrimStart().StartsWith('[')
                ? "one JSON object a line is needed, not a list."
                : $"is not valid JSON: {JsonProblem.Sentence(exception)}.";
            onBadRow(new DataException(name, number, (exception as StrictJsonException)?.Path, problem, exception));
        }

        return null;
    }
}
