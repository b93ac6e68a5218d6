using System.Text.Json;
using Rebound.Agents.Tools;
using Rebound.Files.Rows;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Search;

/// <summary>
/// Reads documents to be indexed: JSON or JSON lines with <c>text</c> (or <c>contents</c>) and perhaps <c>title</c>, or of trajectories,
/// whose searches found passages; a text or Markdown file, titled by its name; or a folder of any of these.
/// </summary>
public static class Corpus
{
    private const string SearchTool = "search";

    private static readonly string[] Rows = [".json", ".jsonl"];
    private static readonly string[] Texts = [".txt", ".md"];

    /// <param name="onBadRow">Where a row that has no text is handed, to be left out; null to end the reading there.</param>
    /// <exception cref="DataException">A row has no text.</exception>
    /// <exception cref="ArgumentException">The path is neither, or the folder holds no such file.</exception>
    public static async IAsyncEnumerable<Passage> ReadAsync(string path, Action<DataException>? onBadRow = null)
    {
        var found = new HashSet<Passage>();
        foreach (var file in Files(path))
        {
            if (Texts.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            {
                foreach (var passage in Passages.Of(Path.GetFileNameWithoutExtension(file), await File.ReadAllTextAsync(file)))
                {
                    yield return passage;
                }

                continue;
            }

            await foreach (var row in JsonRows.ReadAsync(file, onBadRow))
            {
                // Searches find the same again and again.
                var isTrajectory = IsTrajectory(row);
                foreach (var passage in Of(row, isTrajectory, onBadRow).Where(passage => !isTrajectory || found.Add(passage)))
                {
                    yield return passage;
                }
            }
        }
    }

    private static bool IsTrajectory(DataRow row) => row.Element.ValueKind == JsonValueKind.Object
        && TrajectoryFormatNames.All.Any(format => row.Element.TryGetProperty(format.Turns, out _));

    private static IEnumerable<Passage> Of(DataRow row, bool isTrajectory, Action<DataException>? onBadRow)
    {
        try
        {
            if (isTrajectory)
            {
                return ReplayTool.Observed(SearchTool, TrajectoryFile.ReadRow(row.Element, row.File, row.Row))
                    .SelectMany(search => Passages.Found(search.Observation));
            }

            row.CheckObject(row.Element, "");
            var field = row.Element.TryGetProperty("text", out _) ? "text" : "contents";
            var title = DataRow.Optional(row.Element, "title") is { } given ? row.Text(given, "title") : "";
            return Passages.Of(title, row.Text(row.Element, "", field));
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(e);
            return [];
        }
    }

    private static string[] Files(string path)
    {
        if (File.Exists(path))
        {
            return IsKnown(path) ? [path] : throw new ArgumentException($"{path} must end in {string.Join(", ", Rows.Concat(Texts))}.");
        }

        var files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsKnown).Order(StringComparer.Ordinal).ToArray()
            : throw new ArgumentException($"There is no file or folder {path}.");
        return files.Length > 0
            ? files
            : throw new ArgumentException($"{path} holds no file that ends in {string.Join(", ", Rows.Concat(Texts))}.");
    }

    private static bool IsKnown(string file) => Rows.Concat(Texts).Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
