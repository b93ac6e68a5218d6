using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Agents.Collection;

/// <summary>
/// The episodes of a collection as JSON lines. A row is on the disk before <see cref="Append"/> returns, and one that was cut
/// off when a run was killed is taken away when the next one opens the file: nothing that ended is lost, and nothing is
/// there twice. An attempt that ended in a model error is tried again; its new row takes the place of the old one. The folder's
/// lock keeps other writers out.
/// </summary>
internal sealed class EpisodeLog : IDisposable
{
    private readonly FileStream _file;
    private readonly Dictionary<string, EpisodeRow> _rows = new(StringComparer.Ordinal);

    /// <exception cref="DataException">A whole line of the file is no row of a collection.</exception>
    public EpisodeLog(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var end = 0L;
            foreach (var (line, number, after) in WholeLines())
            {
                Take(EpisodeRow.Read(Parse(line, path, number), path, number));
                end = after;
            }

            _file.SetLength(end);
            _file.Seek(end, SeekOrigin.Begin);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CollectionTotals Totals { get; } = new();

    /// <summary>The last row of every attempt, in the order in which they first ended.</summary>
    public IEnumerable<EpisodeRow> Rows => _rows.Values;

    /// <summary>Whether the attempt need not be made.</summary>
    public bool Has(Attempt attempt) => _rows.TryGetValue(attempt.Key, out var row) && CollectionTotals.IsFinal(row);

    /// <summary>Writes an episode through to the disk.</summary>
    public void Append(EpisodeRow row)
    {
        _file.Write(Encoding.UTF8.GetBytes(row.Content.ToJsonString(JsonOutput.OneLine) + "\n"));
        _file.Flush(flushToDisk: true);
        Take(row);
    }

    public void Dispose() => _file.Dispose();

    private void Take(EpisodeRow row)
    {
        if (_rows.TryGetValue(row.Key, out var before))
        {
            Totals.Replace(before);
        }

        _rows[row.Key] = row;
        Totals.Add(row);
    }

    /// <summary>Every line that ends, with its number from 1 and where the next one begins.</summary>
    private List<(byte[] Line, int Number, long After)> WholeLines()
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var lines = new List<(byte[] Line, int Number, long After)>();
        for (var start = 0; bytes.AsSpan(start).IndexOf((byte)'\n') is var length and >= 0; start += length + 1)
        {
            lines.Add((bytes[start..(start + length)], lines.Count + 1, start + length + 1));
        }

        return lines;
    }

    private static JsonObject Parse(byte[] line, string path, int number)
    {
        try
        {
            return StrictJson.ParseNode(line) as JsonObject ?? throw new DataException(path, number, null, "must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new DataException(path, number, (e as StrictJsonException)?.Path, $"is not valid JSON: {JsonProblem.Sentence(e)}.", e);
        }
    }
}
