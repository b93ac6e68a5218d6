using System.Runtime.InteropServices;

namespace Rebound.Engine.Cpu;

/// <summary>Native memory for one operation at a time, kept for the next and grown when one needs more.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    private byte* _block;
    private nuint _size;

    /// <summary>Memory of this size, its content undefined, valid until the next call.</summary>
    public byte* Bytes(long size)
    {
        if ((nuint)size > _size)
        {
            Dispose();
            _block = (byte*)NativeMemory.AlignedAlloc((nuint)size, ArenaPlan.Alignment);
            _size = (nuint)size;
        }

        return _block;
    }

    public float* Floats(long count) => (float*)Bytes(count * sizeof(float));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        _block = null;
        _size = 0;
    }
}
