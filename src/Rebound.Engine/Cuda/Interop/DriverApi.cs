using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>
/// CUDA's driver API. Each function is a private import beside a method that checks its status and is named for what it
/// does. Signatures are those of the driver API's reference; a <c>_v2</c> entry is the one that its headers lead to.
/// </summary>
internal static unsafe partial class DriverApi
{
    private const string Library = NativeImports.Driver;

    private const int OutOfMemory = 2;

    [ThreadStatic]
    private static string? _device;

    /// <summary>Says which device errors of this thread are about.</summary>
    public static void NameDevice(string device) => _device = device;

    /// <summary>The device that this thread's calls go to, for messages.</summary>
    public static string DeviceName => _device ?? "no device";

    private static void Check(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 0)
        {
            throw Failure(result, call);
        }
    }

    private static CudaException Failure(int result, string call)
    {
        nint name, text;
        var named = cuGetErrorName(result, &name) == 0 ? Marshal.PtrToStringUTF8(name) : null;
        var detail = cuGetErrorString(result, &text) == 0 ? Marshal.PtrToStringUTF8(text) : null;
        return new CudaException(result, named ?? "an unknown status", call, DeviceName, detail);
    }

    [LibraryImport(Library)]
    private static partial int cuGetErrorName(int error, nint* text);

    [LibraryImport(Library)]
    private static partial int cuGetErrorString(int error, nint* text);
}
