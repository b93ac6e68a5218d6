using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>A resource of NVIDIA's libraries that has to be released.</summary>
internal abstract class CudaHandle : SafeHandle
{
    protected CudaHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw handle; its owner keeps this object alive while it is in use.</summary>
    public nint Value => handle;
}
