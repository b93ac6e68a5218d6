using System.Security.Cryptography;
using System.Text;
using Rebound.Files;

namespace Rebound.Study.Watching;

/// <summary>
/// The runs and results below folders, to be looked at while they are made by this process, another one or another machine. Nothing is
/// written there, and no lock is tried.
/// </summary>
public sealed class RunLibrary
{
    /// <summary>Least time between two looks at files that are known, and at the folders.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="Pause"/>
    private static readonly TimeSpan FolderPause = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<GivenPath> _given;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Dictionary<string, WatchedRun> _runs = new(StringComparer.Ordinal);
    private Dictionary<string, ResultSet> _results = new(StringComparer.Ordinal);
    private long? _looked;
    private long? _searched;

    /// <param name="paths">Folders; those that are absent may come later.</param>
    /// <param name="time">Tells when to look again, and whether a run is silent.</param>
    public RunLibrary(IEnumerable<string> paths, TimeProvider time) =>
        (_given, _time) = ([.. paths.Select(path => new GivenPath(path)).DistinctBy(path => path.Location)], time);

    /// <summary>The runs and results as they are now; files are looked at no oftener than once a second.</summary>
    public RunListing Look()
    {
        lock (_lock)
        {
            if (_searched is not { } search || _time.GetElapsedTime(search) >= FolderPause)
            {
                Search();
                _searched = _time.GetTimestamp();
            }

            if (_looked is not { } look || _time.GetElapsedTime(look) >= Pause)
            {
                foreach (var run in _runs.Values)
                {
                    run.Refresh();
                }

                _looked = _time.GetTimestamp();
            }

            return new RunListing([.. _runs.Values], [.. _results.Values]);
        }
    }

    private void Search()
    {
        var (runs, results) = (
            new Dictionary<string, WatchedRun>(StringComparer.Ordinal), new Dictionary<string, ResultSet>(StringComparer.Ordinal));
        foreach (var (place, given) in _given.Index())
        {
            foreach (var folder in RunTree.Trainings(given.Location))
            {
                runs.TryAdd(folder, _runs.GetValueOrDefault(folder) ?? new WatchedRun(given, folder, IdOf(place, given, folder), _time));
            }

            foreach (var (folder, kind) in RunTree.Results(given.Location))
            {
                results.TryAdd(
                    folder,
                    _results.GetValueOrDefault(folder) is { } known && known.Kind == kind
                        ? known
                        : new ResultSet(given, folder, IdOf(place, given, folder), kind));
            }
        }

        (_runs, _results) = (runs, results);
    }

    private static string IdOf(int place, GivenPath given, string folder) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{place}/{given.NameOf(folder)}")))[..12];
}

/// <summary>All that is there.</summary>
/// <param name="Runs">In the order of their folders.</param>
/// <param name="Results">The same of what was measured.</param>
public sealed record RunListing(IReadOnlyList<WatchedRun> Runs, IReadOnlyList<ResultSet> Results);
