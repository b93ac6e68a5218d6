using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>Up to a number of ints in device memory at an address that stays, and the host's copy of them.</summary>
internal sealed class DeviceList : IDisposable
{
    private readonly IListMemory _memory;
    private readonly int[] _values;

    public DeviceList(IListMemory memory, long capacity)
    {
        (_memory, _values) = (memory, new int[capacity]);
        Address = memory.Allocate(Math.Max(capacity, 1) * sizeof(int));
    }

    public nint Address { get; }

    /// <summary>Ints of the list.</summary>
    public int Count { get; private set; }

    /// <summary>Entries of a list that is made of them.</summary>
    public int EntryCount => Count / TileEntry.Ints;

    public ReadOnlySpan<int> Values => _values.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int value) => _values[Count++] = value;

    public void Add(TileEntry entry)
    {
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_values.AsSpan(Count, TileEntry.Ints)), in entry);
        Count += TileEntry.Ints;
    }

    /// <summary>What is left behind the list.</summary>
    public Span<int> Room => _values.AsSpan(Count);

    /// <summary>Makes the next ints of the room part of the list, to be written or written before.</summary>
    public Span<int> Take(int count)
    {
        Count += count;
        return _values.AsSpan(Count - count, count);
    }

    /// <summary>Sends the list to the device, after all that reads the one before.</summary>
    public void Upload() => _memory.Upload(Address, MemoryMarshal.AsBytes(Values));

    public void Dispose() => _memory.Free(Address);
}

/// <summary>The device's memory as lists need it.</summary>
internal interface IListMemory
{
    nint Allocate(long bytes);

    /// <summary>Frees memory after all that uses it.</summary>
    void Free(nint address);

    /// <summary>Copies to the device after all that reads what was there; the source may change at once.</summary>
    void Upload(nint destination, ReadOnlySpan<byte> source);
}

/// <summary>An <c>int4</c> of the kernels: four facts that each kernel names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TileEntry(int X, int Y, int Z, int W)
{
    public const int Ints = 4;
}
