using System.Reflection;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>Leads the names that imports use to the libraries that <see cref="CudaLibraries"/> has found.</summary>
internal static class NativeImports
{
    public const string Driver = "rebound-cuda-driver";
    public const string Nvrtc = "rebound-nvrtc";
    public const string CublasLt = "rebound-cublaslt";
    public const string Nccl = "rebound-nccl";

    private static readonly Dictionary<string, nint> Handles = [];

    /// <summary>Called once in a process, before the first import is used.</summary>
    public static void Resolve(IReadOnlyList<CudaLocation> libraries)
    {
        foreach (var found in libraries)
        {
            Add(found);
        }

        NativeLibrary.SetDllImportResolver(typeof(NativeImports).Assembly, Find);
    }

    /// <summary>One that not every process needs; called before the first import of it is used.</summary>
    public static void Add(CudaLocation found)
    {
        lock (Handles)
        {
            Handles[NameOf(found.Library)] = found.Handle;
        }
    }

    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        lock (Handles)
        {
            return Handles.GetValueOrDefault(name);
        }
    }

    private static string NameOf(CudaLibrary library) =>
        library == CudaLibrary.Driver ? Driver
        : library == CudaLibrary.Nvrtc ? Nvrtc
        : library == CudaLibrary.CublasLt ? CublasLt
        : Nccl;
}
