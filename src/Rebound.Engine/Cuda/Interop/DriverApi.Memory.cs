using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

internal static unsafe partial class DriverApi
{
    /// <summary>Device memory, or 0 when there is not enough of it.</summary>
    public static nint TryAllocate(long bytes)
    {
        nint address;
        var result = cuMemAlloc(&address, (nuint)bytes);
        if (result == OutOfMemory)
        {
            return 0;
        }

        Check(result, $"cuMemAlloc({bytes})");
        return address;
    }

    public static void Free(nint address) => Check(cuMemFree(address));

    /// <summary>Free and total bytes of the current device.</summary>
    public static (long Free, long Total) MemoryInfo()
    {
        nuint free, total;
        Check(cuMemGetInfo(&free, &total));
        return ((long)free, (long)total);
    }

    /// <summary>Page-locked host memory, which copies can run from and to while the host goes on.</summary>
    public static PinnedMemory AllocatePinned(long bytes)
    {
        nint address;
        Check(cuMemHostAlloc(&address, (nuint)bytes, 0));
        return new PinnedMemory(address);
    }

    public static void CopyToDevice(nint destination, nint source, long bytes, StreamHandle stream) =>
        Check(cuMemcpyHtoDAsync(destination, source, (nuint)bytes, stream.Value));

    public static void CopyToHost(nint destination, nint source, long bytes, StreamHandle stream) =>
        Check(cuMemcpyDtoHAsync(destination, source, (nuint)bytes, stream.Value));

    public static void CopyWithinDevice(nint destination, nint source, long bytes, StreamHandle stream) =>
        Check(cuMemcpyDtoDAsync(destination, source, (nuint)bytes, stream.Value));

    public static void SetBytes(nint address, byte value, long bytes, StreamHandle stream) =>
        Check(cuMemsetD8Async(address, value, (nuint)bytes, stream.Value));

    public static void SetHalfWords(nint address, ushort value, long count, StreamHandle stream) =>
        Check(cuMemsetD16Async(address, value, (nuint)count, stream.Value));

    public static void SetWords(nint address, uint value, long count, StreamHandle stream) =>
        Check(cuMemsetD32Async(address, value, (nuint)count, stream.Value));

    [LibraryImport(Library, EntryPoint = "cuMemAlloc_v2")]
    private static partial int cuMemAlloc(nint* address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemFree_v2")]
    private static partial int cuMemFree(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int cuMemGetInfo(nuint* free, nuint* total);

    [LibraryImport(Library)]
    private static partial int cuMemHostAlloc(nint* address, nuint bytes, uint flags);

    [LibraryImport(Library)]
    private static partial int cuMemFreeHost(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    private static partial int cuMemcpyHtoDAsync(nint destination, nint source, nuint bytes, nint stream);

    [LibraryImport(Library, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    private static partial int cuMemcpyDtoHAsync(nint destination, nint source, nuint bytes, nint stream);

    [LibraryImport(Library, EntryPoint = "cuMemcpyDtoDAsync_v2")]
    private static partial int cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemsetD8Async(nint address, byte value, nuint count, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemsetD16Async(nint address, ushort value, nuint count, nint stream);

    [LibraryImport(Library)]
    private static partial int cuMemsetD32Async(nint address, uint value, nuint count, nint stream);

    internal sealed class PinnedMemory(nint address) : CudaHandle(address)
    {
        protected override bool ReleaseHandle() => cuMemFreeHost(handle) == 0;
    }
}
