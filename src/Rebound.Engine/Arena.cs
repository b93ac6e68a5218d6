using System.Runtime.InteropServices;

namespace Rebound.Engine;

/// <summary>A named tensor to be allocated.</summary>
/// <param name="Name">Unique within its plan; parameters keep the checkpoint's names.</param>
public readonly record struct TensorSpec(string Name, Shape Shape, DType DType = DType.Float32)
{
    public long Bytes => DType.BytesOf(Shape.Count);
}

/// <summary>
/// The dry run of an arena: specifications are added, offsets assigned, and the total is known before any memory is
/// taken. <see cref="Mark"/> and <see cref="Release"/> let tensors whose lives do not overlap share memory.
/// </summary>
public sealed class ArenaPlan
{
    /// <summary>Every tensor starts at a multiple of this many bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private readonly List<(TensorSpec Spec, long Offset)> _entries = [];
    private long _top;

    /// <summary>Bytes that an arena of this plan takes: the highest point that the plan has reached.</summary>
    public long TotalBytes { get; private set; }

    public IReadOnlyList<(TensorSpec Spec, long Offset)> Entries => _entries;

    /// <summary>Adds a tensor and returns its index in <see cref="Arena"/>.</summary>
    public int Add(TensorSpec spec)
    {
        _entries.Add((spec, _top));
        _top += (spec.Bytes + Alignment - 1) / Alignment * Alignment;
        TotalBytes = Math.Max(TotalBytes, _top);
        return _entries.Count - 1;
    }

    /// <summary>The current top, to return to with <see cref="Release"/>.</summary>
    public long Mark() => _top;

    /// <summary>Tensors added after <paramref name="mark"/> end their lives: later ones may reuse their memory.</summary>
    public void Release(long mark) => _top = mark;
}

/// <summary>One block of a backend's memory that holds the tensors of an <see cref="ArenaPlan"/>, zeroed at the start.</summary>
public abstract class Arena : IDisposable
{
    private readonly ArenaPlan _plan;
    private readonly Device _device;

    protected Arena(ArenaPlan plan, nint address, Device device)
    {
        _plan = plan;
        _device = device;
        Address = address;
    }

    /// <summary>Allocates an arena of host memory.</summary>
    public static Arena OfHost(ArenaPlan plan) => new HostArena(plan);

    public nint Address { get; private set; }

    public long Bytes => _plan.TotalBytes;

    /// <summary>The tensor that <see cref="ArenaPlan.Add"/> gave this index.</summary>
    public Tensor this[int index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(Address == 0, this);
            var (spec, offset) = _plan.Entries[index];
            return new Tensor(Address + (nint)offset, spec.Shape, spec.DType, _device);
        }
    }

    public void Dispose()
    {
        if (Address != 0)
        {
            Free(Address);
            Address = 0;
        }

        GC.SuppressFinalize(this);
    }

    protected abstract void Free(nint address);
}

/// <summary>An arena of host memory.</summary>
internal sealed unsafe class HostArena : Arena
{
    public HostArena(ArenaPlan plan)
        : base(plan, Allocate(plan.TotalBytes), Device.Host)
    {
    }

    protected override void Free(nint address) => NativeMemory.AlignedFree((void*)address);

    private static nint Allocate(long bytes)
    {
        var size = (nuint)Math.Max(bytes, ArenaPlan.Alignment);
        var block = NativeMemory.AlignedAlloc(size, ArenaPlan.Alignment);
        NativeMemory.Clear(block, size);
        return (nint)block;
    }
}
