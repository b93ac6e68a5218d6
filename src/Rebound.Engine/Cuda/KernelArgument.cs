using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>One argument of a kernel: the driver reads as many of its bytes as the kernel's parameter has.</summary>
[StructLayout(LayoutKind.Explicit, Size = sizeof(long))]
internal readonly struct KernelArgument
{
    [FieldOffset(0)]
    private readonly long _long;

    [FieldOffset(0)]
    private readonly float _float;

    private KernelArgument(long value) => _long = value;

    private KernelArgument(float value) => _float = value;

    public static implicit operator KernelArgument(Tensor tensor) => new(tensor.Address);

    public static implicit operator KernelArgument(nint address) => new((long)address);

    public static implicit operator KernelArgument(long value) => new(value);

    public static implicit operator KernelArgument(int value) => new((long)value);

    public static implicit operator KernelArgument(bool value) => new(value ? 1L : 0L);

    public static implicit operator KernelArgument(float value) => new(value);
}
