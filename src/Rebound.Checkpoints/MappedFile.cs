using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Rebound.Checkpoints;

/// <summary>
/// A file that is read through short-lived memory-mapped windows, so that none of its pages stay in this process
/// between reads, however large it is.
/// </summary>
internal sealed class MappedFile : IDisposable
{
    /// <summary>Bytes of one window at most: large enough to hide the cost of mapping, small enough not to be felt.</summary>
    public const int WindowBytes = 64 << 20;

    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile? _map;

    /// <exception cref="CheckpointException">The file is absent or cannot be opened.</exception>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
            Length = RandomAccess.GetLength(_handle);
            _map = Length == 0
                ? null
                : MemoryMappedFile.CreateFromFile(
                    _handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _handle?.Dispose();
            throw new CheckpointException(path, null, $"The file cannot be opened: {exception.Message}", exception);
        }
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Maps a range of the file, which the caller has checked to lie inside of it.</summary>
    /// <exception cref="CheckpointException">The file has become shorter since it was opened.</exception>
    public MappedWindow Map(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        var now = RandomAccess.GetLength(_handle);
        if (now < offset + length)
        {
            throw new CheckpointException(
                Path, null, $"The file was {Length} bytes long when it was opened and has only {now} now.");
        }

        return length == 0 ? default : new MappedWindow(_map!.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read));
    }

    /// <summary>Maps the whole file, for longer than a read.</summary>
    /// <exception cref="CheckpointException">The file has become shorter since it was opened.</exception>
    public MappedRegion MapWhole()
    {
        Map(0, Length).Dispose();
        return new MappedRegion(_map!.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read));
    }

    public void Dispose()
    {
        _map?.Dispose();
        _handle.Dispose();
    }
}

/// <summary>A mapped range of a file; disposing it unmaps the pages.</summary>
internal readonly unsafe ref struct MappedWindow : IDisposable
{
    private readonly MemoryMappedViewAccessor _view;

    public MappedWindow(MemoryMappedViewAccessor view)
    {
        _view = view;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + view.PointerOffset;
        Length = view.Capacity;
    }

    public byte* Start { get; }

    public long Length { get; }

    /// <summary>The window as a span; windows longer than a span are read through <see cref="Start"/>.</summary>
    public ReadOnlySpan<byte> Bytes => new(Start, checked((int)Length));

    public void Dispose()
    {
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }
    }
}

/// <summary>A mapped file; disposing it unmaps the pages.</summary>
internal sealed unsafe class MappedRegion : IDisposable
{
    private readonly MemoryMappedViewAccessor _view;

    public MappedRegion(MemoryMappedViewAccessor view)
    {
        _view = view;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = (nint)(start + view.PointerOffset);
    }

    public nint Start { get; private set; }

    public void Dispose()
    {
        if (Start != 0)
        {
            Start = 0;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }
    }
}
