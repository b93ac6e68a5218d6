using System.Runtime.InteropServices;
using System.Text;

namespace Rebound.Engine.Cuda;

/// <summary>A GPU as its driver describes it.</summary>
/// <param name="Index">The driver's number for it.</param>
/// <param name="Name">For example <c>NVIDIA H200</c>.</param>
/// <param name="ComputeCapability">For example <c>9.0</c>.</param>
/// <param name="MemoryBytes">Its memory in all.</param>
/// <param name="Uuid">Its name among all GPUs, for example <c>GPU-8f7f…</c>; empty where the driver has none.</param>
public sealed record CudaDevice(int Index, string Name, string ComputeCapability, long MemoryBytes, string Uuid = "");

/// <summary>The GPUs that a driver offers, or why there is none.</summary>
public sealed record CudaDevices(IReadOnlyList<CudaDevice> Found, string? Absence)
{
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;
    private const int NameLimit = 256;
    private const int UuidBytes = 16;

    /// <summary>Asks a loaded driver for its GPUs; no context is created.</summary>
    public static unsafe CudaDevices Query(CudaLocation driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        if (!driver.IsLoaded)
        {
            return new CudaDevices([], "no CUDA driver was found");
        }

        try
        {
            var count = 0;
            Check(((delegate* unmanaged<uint, int>)Export(driver, "cuInit"))(0), "cuInit");
            Check(((delegate* unmanaged<int*, int>)Export(driver, "cuDeviceGetCount"))(&count), "cuDeviceGetCount");
            return count == 0
                ? new CudaDevices([], "the CUDA driver offers no device")
                : new CudaDevices([.. Enumerable.Range(0, count).Select(index => Describe(driver, index))], Absence: null);
        }
        catch (DriverCallException exception)
        {
            return new CudaDevices([], exception.Message);
        }
    }

    private static unsafe CudaDevice Describe(CudaLocation driver, int index)
    {
        int device, major, minor;
        nuint memory;
        var name = stackalloc byte[NameLimit];
        var attribute = (delegate* unmanaged<int*, int, int, int>)Export(driver, "cuDeviceGetAttribute");
        Check(((delegate* unmanaged<int*, int, int>)Export(driver, "cuDeviceGet"))(&device, index), "cuDeviceGet");
        Check(((delegate* unmanaged<byte*, int, int, int>)Export(driver, "cuDeviceGetName"))(name, NameLimit, device), "cuDeviceGetName");
        Check(((delegate* unmanaged<nuint*, int, int>)Export(driver, "cuDeviceTotalMem_v2"))(&memory, device), "cuDeviceTotalMem");
        Check(attribute(&major, ComputeCapabilityMajor, device), "cuDeviceGetAttribute");
        Check(attribute(&minor, ComputeCapabilityMinor, device), "cuDeviceGetAttribute");
        var text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        return new CudaDevice(index, Encoding.UTF8.GetString(text), $"{major}.{minor}", (long)memory, Uuid(driver, device));
    }

    /// <summary>As <c>nvidia-smi -L</c> prints it.</summary>
    private static unsafe string Uuid(CudaLocation driver, int device)
    {
        var bytes = stackalloc byte[UuidBytes];
        return NativeLibrary.TryGetExport(driver.Handle, "cuDeviceGetUuid", out var function)
            && ((delegate* unmanaged<byte*, int, int>)function)(bytes, device) == 0
            ? $"GPU-{new Guid(new ReadOnlySpan<byte>(bytes, UuidBytes), bigEndian: true)}"
            : "";
    }

    private static nint Export(CudaLocation driver, string function) =>
        NativeLibrary.TryGetExport(driver.Handle, function, out var address)
            ? address
            : throw new DriverCallException($"{driver.Path} exports no {function}");

    private static void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new DriverCallException($"{function} failed with CUDA error {result}");
        }
    }

    private sealed class DriverCallException(string problem) : Exception(problem);
}
