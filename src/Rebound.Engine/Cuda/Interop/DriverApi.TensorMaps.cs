using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>Descriptions of tensors that Hopper's bulk copies read.</summary>
internal static unsafe partial class DriverApi
{
    private const int Float32Elements = 7;
    private const int BFloat16Elements = 9;
    private const int NotInterleaved = 0;
    private const int NotSwizzled = 0;
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
        Describe(map, BFloat16Elements, 3, tensor.Address, sizes, strides, box, Swizzled128Bytes);
    }

    /// <summary>Describes fp32 [rows, columns], to be copied in boxes of columns of one row.</summary>
    /// <param name="map">Aligned to <see cref="TensorMap.Alignment"/>.</param>
    /// <param name="address">A multiple of 16.</param>
    /// <param name="rowBytes">From one row to the next, a multiple of 16.</param>
    public static void DescribeRows(TensorMap* map, nint address, int rows, int columns, long rowBytes, int boxColumns)
    {
        var sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows };
        var box = stackalloc uint[] { (uint)boxColumns, 1 };
        Describe(map, Float32Elements, 2, address, sizes, (ulong*)&rowBytes, box, NotSwizzled);
    }

    private static void Describe(
        TensorMap* map, int elements, int rank, nint address, ulong* sizes, ulong* strides, uint* box, int swizzle)
    {
        var steps = stackalloc uint[] { 1, 1, 1 };
        Check(cuTensorMapEncodeTiled(
            map, elements, (uint)rank, (void*)address, sizes, strides, box, steps, NotInterleaved, swizzle, Promoted256Bytes,
            ZeroOutside));
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
