using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>Descriptions of tensors that Hopper's bulk copies read.</summary>
internal static unsafe partial class DriverApi
{
    private const int BFloat16Elements = 9;
    private const int NotInterleaved = 0;
    private const int Swizzled128Bytes = 3;
    private const int Promoted256Bytes = 3;
    private const int ZeroOutside = 0;

    /// <summary>Describes bf16 [rows, heads, columns], to be copied in boxes of columns and rows of one head.</summary>
    /// <param name="map">Aligned to <see cref="TensorMap.Alignment"/>.</param>
    /// <param name="tensor">Its address, a multiple of 16; a row of a head is a multiple of 16 bytes.</param>
    /// <param name="boxColumns">Columns of a box: 128 bytes, which are swizzled.</param>
    public static void DescribeHeads(TensorMap* map, Tensor tensor, int boxColumns, int boxRows)
    {
        var (rows, heads, columns) = (tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]);
        var sizes = stackalloc ulong[] { (ulong)columns, (ulong)heads, (ulong)rows };
        var rowBytes = (ulong)columns * sizeof(ushort);
        var strides = stackalloc ulong[] { rowBytes, rowBytes * (ulong)heads };
        var box = stackalloc uint[] { (uint)boxColumns, 1, (uint)boxRows };
        var steps = stackalloc uint[] { 1, 1, 1 };
        Check(cuTensorMapEncodeTiled(
            map, BFloat16Elements, 3, (void*)tensor.Address, sizes, strides, box, steps, NotInterleaved, Swizzled128Bytes,
            Promoted256Bytes, ZeroOutside));
    }

    [LibraryImport(Library)]
    private static partial int cuTensorMapEncodeTiled(
        TensorMap* map, int elements, uint rank, void* address, ulong* sizes, ulong* strides, uint* box, uint* elementStrides,
        int interleave, int swizzle, int promotion, int fill);
}

/// <summary>The driver's description of a tensor, a kernel's argument (<c>CUtensorMap</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct TensorMap
{
    /// <summary>Bytes of which its address must be a multiple.</summary>
    public const int Alignment = 64;
}
