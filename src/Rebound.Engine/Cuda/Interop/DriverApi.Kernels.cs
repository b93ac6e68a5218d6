using System.Runtime.InteropServices;
using System.Text;

namespace Rebound.Engine.Cuda.Interop;

internal static unsafe partial class DriverApi
{
    private const int MaxDynamicSharedBytes = 8;
    private const int InvalidImage = 200;
    private const int NoBinaryForGpu = 209;
    private const int InvalidPtx = 218;

    /// <summary>Loads a cubin or PTX text; null when the driver does not take it, as after a cached file was damaged.</summary>
    public static ModuleHandle? TryLoadModule(ReadOnlySpan<byte> image)
    {
        nint module;
        int result;
        fixed (byte* start = image)
        {
            result = cuModuleLoadData(&module, start);
        }

        if (result is InvalidImage or NoBinaryForGpu or InvalidPtx)
        {
            return null;
        }

        Check(result, "cuModuleLoadData(&module, image)");
        return new ModuleHandle(module);
    }

    public static nint Function(ModuleHandle module, string name)
    {
        nint function;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Check(cuModuleGetFunction(&function, module.Value, text), $"cuModuleGetFunction({name})");
        }

        return function;
    }

    /// <summary>Opts a kernel in to more shared memory than 48 KiB.</summary>
    public static void AllowSharedMemory(nint function, int bytes) =>
        Check(cuFuncSetAttribute(function, MaxDynamicSharedBytes, bytes));

    /// <param name="arguments">Addresses of the arguments, read during the call.</param>
    public static void Launch(
        nint function, (int X, int Y) grid, (int X, int Y) block, int sharedBytes, StreamHandle stream, void** arguments,
        string name)
    {
        var result = cuLaunchKernel(
            function, (uint)grid.X, (uint)grid.Y, 1, (uint)block.X, (uint)block.Y, 1, (uint)sharedBytes, stream.Value,
            arguments, null);
        if (result != 0)
        {
            throw Failure(result, $"{name}<<<({grid.X}, {grid.Y}), ({block.X}, {block.Y}), {sharedBytes}>>>");
        }
    }

    /// <summary>
    /// Launches a kernel that may begin before those ahead of it have ended: it waits for them itself, before its
    /// first access to what they write.
    /// </summary>
    public static void LaunchAhead(
        nint function, (int X, int Y) grid, (int X, int Y) block, int sharedBytes, StreamHandle stream, void** arguments,
        string name)
    {
        var attribute = new LaunchAttribute { Id = LaunchAttribute.ProgrammaticStreamSerialization, Value = 1 };
        var config = new LaunchConfig
        {
            GridX = (uint)grid.X,
            GridY = (uint)grid.Y,
            GridZ = 1,
            BlockX = (uint)block.X,
            BlockY = (uint)block.Y,
            BlockZ = 1,
            SharedBytes = (uint)sharedBytes,
            Stream = stream.Value,
            Attributes = &attribute,
            AttributeCount = 1,
        };
        var result = cuLaunchKernelEx(&config, function, arguments, null);
        if (result != 0)
        {
            throw Failure(result, $"{name}<<<({grid.X}, {grid.Y}), ({block.X}, {block.Y}), {sharedBytes}>>> ahead");
        }
    }

    [LibraryImport(Library)]
    private static partial int cuModuleLoadData(nint* module, void* image);

    [LibraryImport(Library)]
    private static partial int cuModuleUnload(nint module);

    [LibraryImport(Library)]
    private static partial int cuModuleGetFunction(nint* function, nint module, byte* name);

    [LibraryImport(Library)]
    private static partial int cuFuncSetAttribute(nint function, int attribute, int value);

    [LibraryImport(Library)]
    private static partial int cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** arguments, void** extra);

    [LibraryImport(Library)]
    private static partial int cuLaunchKernelEx(LaunchConfig* config, nint function, void** arguments, void** extra);

    internal sealed class ModuleHandle(nint module) : CudaHandle(module)
    {
        protected override bool ReleaseHandle() => cuModuleUnload(handle) == 0;
    }
}

/// <summary><c>CUlaunchConfig</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchConfig
{
    public uint GridX;
    public uint GridY;
    public uint GridZ;
    public uint BlockX;
    public uint BlockY;
    public uint BlockZ;
    public uint SharedBytes;
    public nint Stream;
    public LaunchAttribute* Attributes;
    public uint AttributeCount;
}

/// <summary><c>CUlaunchAttribute</c> with a value that is an int.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct LaunchAttribute
{
    /// <summary><c>CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION</c>.</summary>
    public const int ProgrammaticStreamSerialization = 6;

    [FieldOffset(0)]
    public int Id;

    [FieldOffset(8)]
    public int Value;
}
