using System.Runtime.InteropServices;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>One argument of a kernel: the driver reads as many of its bytes as the kernel's parameter has.</summary>
[StructLayout(LayoutKind.Explicit)]
internal readonly unsafe struct KernelArgument
{
    [FieldOffset(0)]
    private readonly long _long;

    [FieldOffset(0)]
    private readonly float _float;

    [FieldOffset(sizeof(long))]
    private readonly TensorMap* _map;

    private KernelArgument(long value) => _long = value;

    private KernelArgument(float value) => _float = value;

    private KernelArgument(TensorMap* map) => _map = map;

    public static implicit operator KernelArgument(TensorMap* map) => new(map);

    public static implicit operator KernelArgument(Tensor tensor) => new(tensor.Address);

    public static implicit operator KernelArgument(nint address) => new((long)address);

    public static implicit operator KernelArgument(long value) => new(value);

    public static implicit operator KernelArgument(int value) => new((long)value);

    public static implicit operator KernelArgument(bool value) => new(value ? 1L : 0L);

    public static implicit operator KernelArgument(float value) => new(value);

    /// <summary>Where the driver is to read the argument; <paramref name="self"/> is where this one lies.</summary>
    public static void* Address(KernelArgument* self) => self->_map == null ? self : self->_map;
}
