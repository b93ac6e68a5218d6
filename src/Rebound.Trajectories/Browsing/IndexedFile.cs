using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Browsing;

/// <summary>
/// A file of trajectories whose rows are found again by their places. Every row is read once; a file of JSON lines that grows is read on
/// from its last row, and one that changed otherwise from its beginning.
/// </summary>
public sealed class IndexedFile
{
    /// <summary>Rows between two states that readers see.</summary>
    private const int RowsAtATime = 2048;

    /// <summary>Bytes at the beginning, and before the end of what is indexed, that tell whether a file only grew.</summary>
    private const int ProbedBytes = 4096;

    private readonly GivenPath _given;
    private readonly string _path;
    private readonly string? _task;
    private EntryList _entries = new();
    private bool _holdsTrajectories;
    private EntryReader _reader;
    private RowPlace? _behind;
    private uint _probe;
    private (long Length, DateTime Written)? _seen;
    private volatile FileIndex _index = FileIndex.Empty;

    /// <param name="given">The path that was given.</param>
    /// <param name="path">Full path, below that one.</param>
    /// <param name="task">Of rows that tell none; null for none.</param>
    internal IndexedFile(GivenPath given, string path, string id, string? task)
    {
        (_given, _path, _task, Id, Name) = (given, path, task, id, given.NameOf(path));
        _reader = new EntryReader(task);
    }

    /// <summary>Tells it from others, and nothing of where it is.</summary>
    public string Id { get; }

    /// <summary>As seen from what was given.</summary>
    public string Name { get; }

    /// <summary>The rows that are known by now; each call may give another, whole in itself.</summary>
    public FileIndex Index => _index;

    internal string Location => _path;

    /// <summary>Reads a trajectory from the file.</summary>
    /// <exception cref="DataException">The row is bad, or the file has changed.</exception>
    public Trajectory Read(TrajectoryEntry entry)
    {
        if (entry.Problem is { } problem)
        {
            throw new DataException(Name, entry.Row, null, problem);
        }

        RequireInside();
        try
        {
            var row = JsonRows.ReadAt(_path, entry.Row, entry.Start, entry.Bytes);
            return TrajectoryFile.ReadRow(row.Element, Name, row.Row) with { Id = entry.Id };
        }
        catch (DataException e)
        {
            throw new DataException(Name, entry.Row, null, "has changed since it was read; it is being read again.", e);
        }
    }

    /// <summary>Opens the file, to look at several rows.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal FileStream Open()
    {
        RequireInside();
        return new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Looks at the file, and reads what is new. One call at a time.</summary>
    internal async Task RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            var file = new FileInfo(_path);
            if (!file.Exists)
            {
                Forget("It is not there any more.");
                return;
            }

            RequireInside();
            var (length, written) = (file.Length, file.LastWriteTimeUtc);
            if (_seen == (length, written))
            {
                return;
            }

            if (!Grew(length))
            {
                Forget(null);
            }

            await ReadOnAsync(length, cancellation);
            _seen = (length, written);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataException)
        {
            Forget((e as DataException)?.InnerException is UnauthorizedAccessException || e is UnauthorizedAccessException
                ? "It may not be read by whoever runs the server."
                : "It cannot be read.");
        }
    }

    private async Task ReadOnAsync(long length, CancellationToken cancellation)
    {
        RemoveBadEnd();
        await foreach (var row in JsonRows.ReadPlacesAsync(_path, _behind, cancellation))
        {
            var entry = _reader.Read(row);
            _entries.Add(entry);
            if (entry.Problem is null)
            {
                (_behind, _holdsTrajectories) = (row.Behind, true);
            }

            if (_entries.Count % RowsAtATime == 0)
            {
                Publish(row.Start + row.Length, length, isReading: true);
            }
        }

        _probe = _behind is { } place ? Probe(place.Offset) : 0;
        Publish(length, length, isReading: false);
    }

    /// <summary>Bad rows at the end are read again: one may have been cut off where it was being written.</summary>
    private void RemoveBadEnd()
    {
        var count = _entries.Count;
        while (count > 0 && _entries[count - 1].Row > (_behind?.Row ?? 0))
        {
            count--;
        }

        _entries.Truncate(count);
    }

    /// <summary>Whether what is indexed is still there, and only more has come.</summary>
    private bool Grew(long length) => _behind is { } place && length >= place.Offset && Probe(place.Offset) == _probe;

    private uint Probe(long end)
    {
        using var stream = Open();
        var bytes = new byte[2 * ProbedBytes];
        var first = stream.ReadAtLeast(bytes.AsSpan(0, (int)Math.Min(ProbedBytes, end)), (int)Math.Min(ProbedBytes, end), false);
        stream.Position = Math.Max(0, end - ProbedBytes);
        var last = stream.ReadAtLeast(
            bytes.AsSpan(first, (int)(end - stream.Position)), (int)(end - stream.Position), throwOnEndOfStream: false);
        return Crc32C.Of(bytes.AsSpan(0, first + last));
    }

    private void Forget(string? problem)
    {
        (_entries, _behind, _seen, _holdsTrajectories) = (new EntryList(), null, null, false);
        _reader = new EntryReader(_task);
        _index = FileIndex.Empty with { IsReading = problem is null, Problem = problem };
    }

    private void Publish(long read, long length, bool isReading) =>
        _index = new FileIndex(_entries.Snapshot(), read, length, isReading, Problem: null)
        {
            HoldsTrajectories = _holdsTrajectories,
        };

    /// <exception cref="IOException">A link on its way leads out of what was given.</exception>
    private void RequireInside()
    {
        if (!_given.Holds(_path))
        {
            throw new IOException("A link leads out of the folder.");
        }
    }
}
