using Rebound.Engine.Cpu;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Copies between host and device through page-locked memory, in pieces. Towards the device the host goes on as soon as
/// its bytes are in page-locked memory, of which one half is filled while the other is being copied from. Large pieces are
/// copied on all cores: one alone is slower than the bus, the more so where the source is a file that is mapped as it is read.
/// </summary>
internal sealed unsafe class Staging : IListMemory, IDisposable
{
    private const int HalfBytes = 16 << 20;
    private const int Alignment = 64;

    /// <summary>Bytes of a large piece that one core copies; a smaller piece is not worth waking others for.</summary>
    private const int ShareBytes = 1 << 20;

    /// <summary>More cores do not saturate the bus any better.</summary>
    private const int MostCores = 8;

    private readonly DriverApi.StreamHandle _stream;
    private readonly DriverApi.PinnedMemory _memory = DriverApi.AllocatePinned(2 * HalfBytes);
    private readonly DriverApi.EventHandle[] _copied = [DriverApi.CreateEvent(timed: false), DriverApi.CreateEvent(timed: false)];
    private WorkerPool? _cores;
    private int _half;
    private int _used;

    public Staging(DriverApi.StreamHandle stream) => _stream = stream;

    public nint Allocate(long bytes) => DeviceBuffer.Allocate(bytes);

    public void Free(nint address)
    {
        DriverApi.Synchronize(_stream);
        DriverApi.Free(address);
    }

    public void Upload(nint destination, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (_used == HalfBytes)
            {
                DriverApi.Record(_copied[_half], _stream);
                _half ^= 1;
                _used = 0;
                DriverApi.Synchronize(_copied[_half]);
            }

            var count = Math.Min(source.Length, HalfBytes - _used);
            var place = _memory.Value + (_half * HalfBytes) + _used;
            Copy(new Span<byte>((void*)place, count), source[..count]);
            DriverApi.CopyToDevice(destination, place, count, _stream);
            _used = Math.Min(HalfBytes, (_used + count + Alignment - 1) / Alignment * Alignment);
            source = source[count..];
            destination += count;
        }
    }

    /// <summary>Copies after all work before it, and waits for it.</summary>
    public void Download(Span<byte> destination, nint source)
    {
        // Both halves serve, once nothing is being copied from them.
        DriverApi.Synchronize(_stream);
        while (!destination.IsEmpty)
        {
            var count = Math.Min(destination.Length, 2 * HalfBytes);
            DriverApi.CopyToHost(_memory.Value, source, count, _stream);
            DriverApi.Synchronize(_stream);
            Copy(destination[..count], new Span<byte>((void*)_memory.Value, count));
            destination = destination[count..];
            source += count;
        }

        _used = 0;
    }

    public void Dispose()
    {
        _cores?.Dispose();
        _memory.Dispose();
        Array.ForEach(_copied, copied => copied.Dispose());
    }

    private void Copy(Span<byte> destination, ReadOnlySpan<byte> source)
    {
        if (source.Length < 2 * ShareBytes)
        {
            source.CopyTo(destination);
            return;
        }

        _cores ??= new WorkerPool(Math.Min(Environment.ProcessorCount, MostCores));
        fixed (byte* to = destination, from = source)
        {
            var job = new CopyJob { Destination = to, Source = from, Bytes = source.Length };
            _cores.Run(ref job, (source.Length + ShareBytes - 1) / ShareBytes);
        }
    }

    private struct CopyJob : IParallelJob
    {
        public byte* Destination;
        public byte* Source;
        public int Bytes;

        public readonly void Execute(int part)
        {
            var offset = part * ShareBytes;
            var count = Math.Min(ShareBytes, Bytes - offset);
            Buffer.MemoryCopy(Source + offset, Destination + offset, count, count);
        }
    }
}
