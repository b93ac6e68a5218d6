using System.IO.MemoryMappedFiles;

namespace Rebound.Fuzz.Judging;

/// <summary>
/// Where a worker stands, in memory that outlives it: a process that is killed by an input still says which one it was. A number is written
/// before the input is read.
/// </summary>
internal sealed class WorkerState : IDisposable
{
    private const int Fields = 9;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public WorkerState(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Fields * sizeof(long));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>The input that is being read.</summary>
    public long Index { get => Get(0); set => Set(0, value); }

    public long Accepted { get => Get(1); set => Set(1, value); }

    public long Refused { get => Get(2); set => Set(2, value); }

    /// <summary>The most of the processor's time that an input took, in microseconds.</summary>
    public long Slowest { get => Get(3); set => Set(3, value); }

    public long SlowestIndex { get => Get(4); set => Set(4, value); }

    /// <summary>The most memory that the runtime handed out for an input, in bytes, what was freed meanwhile included.</summary>
    public long Largest { get => Get(5); set => Set(5, value); }

    public long LargestIndex { get => Get(6); set => Set(6, value); }

    /// <summary>The most memory by which the process grew while it read an input, as far as it was looked at meanwhile.</summary>
    public long Held { get => Get(7); set => Set(7, value); }

    public long HeldIndex { get => Get(8); set => Set(8, value); }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private long Get(int field) => _view.ReadInt64(field * sizeof(long));

    private void Set(int field, long value) => _view.Write(field * sizeof(long), value);
}
