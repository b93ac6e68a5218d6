using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>A list of ints in device memory, of fixed capacity and at a fixed address, with a copy on the host.</summary>
internal sealed class DeviceList : IDisposable
{
    private readonly IListMemory _memory;
    private readonly int[] _values;
    private readonly int[] _sent;
    private int _sentCount;

    public DeviceList(IListMemory memory, long capacity)
    {
        (_memory, _values, _sent) = (memory, new int[capacity], new int[capacity]);
        Address = memory.Allocate(Math.Max(capacity, 1) * sizeof(int));
    }

    public nint Address { get; }

    /// <summary>Ints of the list.</summary>
    public int Count { get; private set; }

    /// <summary>Entries, in a list of <see cref="TileEntry"/>.</summary>
    public int EntryCount => Count / TileEntry.Ints;

    public ReadOnlySpan<int> Values => _values.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int value) => _values[Count++] = value;

    public void Add(TileEntry entry)
    {
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_values.AsSpan(Count, TileEntry.Ints)), in entry);
        Count += TileEntry.Ints;
    }

    /// <summary>The free capacity after the list.</summary>
    public Span<int> Room => _values.AsSpan(Count);

    /// <summary>Appends the next ints of <see cref="Room"/>, whether they are written before or after.</summary>
    public Span<int> Take(int count)
    {
        Count += count;
        return _values.AsSpan(Count - count, count);
    }

    /// <summary>Uploads the list, in stream order, unless the device has it already.</summary>
    public void Upload()
    {
        if (Count <= _sentCount && Values.SequenceEqual(_sent.AsSpan(0, Count)))
        {
            return;
        }

        _memory.Upload(Address, MemoryMarshal.AsBytes(Values));
        Values.CopyTo(_sent);
        _sentCount = Count;
    }

    /// <summary>The device has changed what was uploaded.</summary>
    public void Forget() => _sentCount = 0;

    public void Dispose() => _memory.Free(Address);
}

/// <summary>Device memory for lists.</summary>
internal interface IListMemory
{
    nint Allocate(long bytes);

    /// <summary>Frees memory once nothing enqueued uses it.</summary>
    void Free(nint address);

    /// <summary>Copies to the device in stream order; the source may be overwritten at once.</summary>
    void Upload(nint destination, ReadOnlySpan<byte> source);
}

/// <summary>An <c>int4</c> of the kernels: four facts that each kernel names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TileEntry(int X, int Y, int Z, int W)
{
    public const int Ints = 4;
}
