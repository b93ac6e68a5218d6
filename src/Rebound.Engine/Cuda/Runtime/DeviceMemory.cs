using System.Numerics;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>An arena of device memory.</summary>
internal sealed class CudaArena(ArenaPlan plan, nint address, Device device, Action<nint> free) : Arena(plan, address, device)
{
    protected override void Free(nint address) => free(address);
}

/// <summary>
/// Device memory that grows to the largest size asked for, to powers of two, so that it seldom does: growing waits for the stream that
/// uses it, and leaves no recording valid.
/// </summary>
/// <param name="isTight">Whether it grows to whole steps instead: for what seldom grows anyway.</param>
internal sealed class DeviceBuffer(DriverApi.StreamHandle stream, bool isTight = false) : IDisposable
{
    private const long LeastBytes = 16 << 20;

    private nint _address;
    private long _bytes;

    /// <summary>How often the memory got another address: what was recorded before that cannot be run any more.</summary>
    public int Moves { get; private set; }

    /// <exception cref="InsufficientMemoryException">The device has not that much left.</exception>
    public nint Reserve(long bytes)
    {
        if (bytes > _bytes)
        {
            Dispose();
            _bytes = isTight ? TightBytes(bytes) : (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(bytes, LeastBytes));
            _address = Allocate(_bytes);
            Moves++;
        }

        return _address;
    }

    public void Dispose()
    {
        if (_address != 0)
        {
            DriverApi.Synchronize(stream);
            DriverApi.Free(_address);
            (_address, _bytes) = (0, 0);
        }
    }

    /// <summary>The size of a tight buffer for so many bytes.</summary>
    public static long TightBytes(long bytes) => (bytes + LeastBytes - 1) / LeastBytes * LeastBytes;

    /// <summary>Device memory, or an exception that says how much there was and is.</summary>
    public static nint Allocate(long bytes)
    {
        var address = DriverApi.TryAllocate(Math.Max(bytes, 1));
        if (address == 0)
        {
            var (free, total) = DriverApi.MemoryInfo();
            throw new InsufficientMemoryException(
                $"{DriverApi.DeviceName} has {free / 1e9:f2} of its {total / 1e9:f2} GB free, and {bytes / 1e9:f2} GB are needed.");
        }

        return address;
    }
}
