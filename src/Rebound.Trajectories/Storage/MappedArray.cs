namespace Rebound.Trajectories.Storage;

/// <summary>An array in a mapped file, of any length.</summary>
internal sealed unsafe class MappedArray<T>
    where T : unmanaged
{
    /// <summary>Elements from one stretch's start to the next one's; a stretch reaches far beyond, so that pieces lie in one.</summary>
    private const long Stride = 1 << 30;

    private readonly MappedMemory<T>[] _stretches;

    public MappedArray(T* start, long length)
    {
        Length = length;
        _stretches = new MappedMemory<T>[(length / Stride) + 1];
        for (var i = 0; i < _stretches.Length; i++)
        {
            _stretches[i] = new MappedMemory<T>(start + (i * Stride), (int)Math.Min(int.MaxValue, length - (i * Stride)));
        }
    }

    public long Length { get; }

    /// <param name="length">At most 2³⁰.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not all within the array.</exception>
    public ReadOnlyMemory<T> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)start, (ulong)Length);
        return _stretches[start / Stride].Memory.Slice((int)(start % Stride), length);
    }
}
