using System.Buffers;

namespace Rebound.Trajectories.Storage;

/// <summary>Memory of a mapped file; it is mapped as long as the process lives.</summary>
internal sealed unsafe class MappedMemory<T>(T* start, int length) : MemoryManager<T>
    where T : unmanaged
{
    public override Span<T> GetSpan() => new(start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
        // What is mapped does not move.
    }

    protected override void Dispose(bool disposing)
    {
        // The mapping is the process's.
    }
}
