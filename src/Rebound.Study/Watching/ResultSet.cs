using System.Text.Json;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Study.Improvement;
using Rebound.Study.Reading;
using Rebound.Study.Reporting;

namespace Rebound.Study.Watching;

/// <summary>All that was measured in a folder: a study, the rounds of an improvement, or evaluations and collections of any kind.</summary>
public sealed class ResultSet
{
    private readonly GivenPath _given;
    private readonly string _folder;
    private readonly Lock _lock = new();
    private (string Stamp, Task<ResultSections> Sections)? _read;

    internal ResultSet(GivenPath given, string folder, string id, ResultKind kind) =>
        (_given, _folder, Id, Kind, Name) = (given, folder, id, kind, given.NameOf(folder));

    /// <summary>Tells it from others, and nothing of where it is.</summary>
    public string Id { get; }

    /// <summary>As seen from what was given.</summary>
    public string Name { get; }

    public ResultKind Kind { get; }

    /// <summary>The parts of its report as they are now; read again only where files have changed, and once for all who ask.</summary>
    public Task<ResultSections> ReadAsync()
    {
        lock (_lock)
        {
            var stamp = Stamp();
            if (_read is not { } last || (last.Sections.IsCompleted && last.Stamp != stamp))
            {
                _read = last = (stamp, Task.Run(MakeAsync));
            }

            return last.Sections;
        }
    }

    private async Task<ResultSections> MakeAsync()
    {
        try
        {
            if (!_given.Holds(_folder))
            {
                return new ResultSections([], "It is not there any more.");
            }

            if (Kind == ResultKind.Improvement)
            {
                var rounds = RoundFolder.ReadRecords(_folder);
                return rounds.Count == 0
                    ? new ResultSections([], "No round is over yet.")
                    : new ResultSections(ImprovementReport.Sections(new ImprovementResults(rounds, [], Stopped: null)), null);
            }

            var found = await FoundFolders.ReadAsync([_folder], CancellationToken.None);
            return found.Runs.Count == 0
                ? new ResultSections([], "Nothing is measured yet.")
                : new ResultSections(new ComparisonReport(found.Runs) { About = found.About }.Sections(), null);
        }
        catch (DataException e)
        {
            // The file's path stays here.
            return new ResultSections([], $"{_given.NameOf(Path.GetFullPath(e.File))}"
                + $"{(e.Row is { } row ? $", row {row}" : "")}: {(e.Field is null ? "" : $"'{e.Field}' ")}{Problem(e)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ResultSections([], "Its files cannot be read at the moment.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return new ResultSections([], "One of its files is damaged, or is being written.");
        }
    }

    private static string Problem(DataException e) =>
        e.InnerException is IOException or UnauthorizedAccessException ? "cannot be read." : e.Problem;

    /// <summary>The size and time of every file that results are made of.</summary>
    private string Stamp()
    {
        var hash = new HashCode();
        foreach (var file in RunTree.ResultFiles(_folder))
        {
            hash.Add(file.FullName, StringComparer.Ordinal);
            hash.Add(file.Length);
            hash.Add(file.LastWriteTimeUtc);
        }

        return $"{hash.ToHashCode()}";
    }
}

/// <summary>Kinds of results.</summary>
public enum ResultKind
{
    /// <summary>Everything below a folder.</summary>
    Folder,

    Study,

    Improvement,
}

/// <summary>Parts of a page.</summary>
/// <param name="Html">Each in lines of its own, some maybe empty.</param>
/// <param name="Problem">Why there are none; null where there are.</param>
public sealed record ResultSections(IReadOnlyList<string> Html, string? Problem);
