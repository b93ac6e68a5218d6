using System.Security.Cryptography;
using System.Text;
using Rebound.Files;

namespace Rebound.Trajectories.Browsing;

/// <summary>
/// The trajectories of files and folders, to be looked through while they are written. An index is kept in memory, turns are read from
/// their files when they are asked for.
/// </summary>
public sealed class TrajectoryLibrary : IDisposable
{
    /// <summary>Least time between two looks at the folders.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<GivenPath> _given;
    private readonly Func<string, string?> _taskOf;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private Dictionary<string, IndexedFile> _byPath = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<IndexedFile> _files = [];
    private Task _look = Task.CompletedTask;
    private long? _looked;

    /// <param name="paths">Files and folders; those that are absent may come later.</param>
    /// <param name="taskOf">The task of a file's rows that tell none; null for none.</param>
    /// <param name="time">Tells when to look again.</param>
    public TrajectoryLibrary(IEnumerable<string> paths, Func<string, string?>? taskOf, TimeProvider time)
    {
        _given = [.. paths.Select(path => new GivenPath(path)).DistinctBy(path => path.Location)];
        (_taskOf, _time) = (taskOf ?? (_ => null), time);
    }

    /// <summary>The files, in the order in which they were given and lie.</summary>
    public IReadOnlyList<IndexedFile> Files => _files;

    /// <summary>The file of an id; null where there is none.</summary>
    public IndexedFile? Find(string id) => _files.FirstOrDefault(file => file.Id == id);

    /// <summary>
    /// Looks for what is new, unless that was done a moment ago: in the background, which the result waits for. Rows appear in
    /// <see cref="Files"/> as they are read.
    /// </summary>
    public Task Look()
    {
        lock (_lock)
        {
            if (_look.IsCompleted && !_closed.IsCancellationRequested && (_looked is not { } last || _time.GetElapsedTime(last) >= Pause))
            {
                _look = Task.Run(async () =>
                {
                    await LookAsync(_closed.Token);
                    lock (_lock)
                    {
                        _looked = _time.GetTimestamp();
                    }
                });
            }

            return _look;
        }
    }

    /// <summary>Ends the reading.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        try
        {
            _look.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // That is what it was asked for.
        }

        _closed.Dispose();
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var (files, byPath) = (new List<IndexedFile>(), new Dictionary<string, IndexedFile>(StringComparer.Ordinal));
        foreach (var (place, given) in _given.Index())
        {
            foreach (var path in DataTree.Of(given.Location).Where(given.Holds))
            {
                if (byPath.ContainsKey(path))
                {
                    continue;
                }

                var file = _byPath.GetValueOrDefault(path)
                    ?? new IndexedFile(given, path, IdOf($"{place}/{given.NameOf(path)}"), _taskOf(path));
                files.Add(file);
                byPath[path] = file;
            }
        }

        (_files, _byPath) = (files, byPath);
        foreach (var file in files)
        {
            await file.RefreshAsync(cancellation);
        }
    }

    private static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];
}
