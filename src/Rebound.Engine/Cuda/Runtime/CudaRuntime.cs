using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// NVIDIA's libraries as this process has them. They are looked for once; where they were first looked for holds for the
/// life of the process, as a loaded library does.
/// </summary>
public sealed class CudaRuntime
{
    private static readonly Lock Gate = new();
    private static CudaRuntime? _found;

    private readonly Lazy<CudaLocation> _nccl;

    private CudaRuntime(string? libraryFolder)
    {
        _nccl = new Lazy<CudaLocation>(() => FindNccl(libraryFolder));
        Libraries = [.. new[] { CudaLibrary.Driver, CudaLibrary.Nvrtc, CudaLibrary.CublasLt }
            .Select(library => CudaLibraries.Locate(library, libraryFolder))];
        Devices = CudaDevices.Query(Libraries[0]);
        Absence = Devices.Absence ?? Libraries.Where(library => !library.IsLoaded)
            .Select(library => $"{library.Library.Name} was not found")
            .FirstOrDefault();
        NativeImports.Resolve(Libraries);
    }

    /// <summary>Driver, NVRTC and cuBLASLt: where each was found, or what was tried.</summary>
    public IReadOnlyList<CudaLocation> Libraries { get; }

    /// <summary>The GPUs that the driver offers.</summary>
    public CudaDevices Devices { get; }

    /// <summary>Why no CUDA backend can be opened, for example <c>no CUDA driver was found</c>; null: one can.</summary>
    public string? Absence { get; }

    /// <summary>Looks for the libraries, the first time that it is asked.</summary>
    /// <param name="libraryFolder">A folder to look in before any other, or null.</param>
    public static CudaRuntime Find(string? libraryFolder = null)
    {
        lock (Gate)
        {
            return _found ??= new CudaRuntime(libraryFolder);
        }
    }

    /// <summary>Every place that was tried for the libraries that are absent, one a line.</summary>
    public IEnumerable<string> Tried() =>
        from library in Libraries
        where !library.IsLoaded
        from attempt in library.Tried
        select $"{library.Library.Name}: {attempt.Source}, {attempt.Path}: {attempt.Outcome}";

    /// <summary>NCCL, which several GPUs need; looked for the first time that it is asked for.</summary>
    public CudaLocation Nccl => _nccl.Value;

    /// <summary>Checks that several GPUs can compute together.</summary>
    /// <exception cref="PlatformNotSupportedException">NCCL is absent; the message names the places tried.</exception>
    public void RequireNccl()
    {
        if (!Nccl.IsLoaded)
        {
            var places = Nccl.Tried.Select(attempt => $"{attempt.Path} ({attempt.Outcome})").Distinct();
            throw new PlatformNotSupportedException(
                $"Several GPUs compute together through NCCL, and {Nccl.Library.FileNames[0]} was not found; tried: "
                + $"{string.Join(", ", places)}. Install it (libnccl2, or Python's nvidia-nccl), or name its folder in REBOUND_CUDA_PATH.");
        }
    }

    private static CudaLocation FindNccl(string? libraryFolder)
    {
        var found = CudaLibraries.Locate(CudaLibrary.Nccl, libraryFolder);
        NativeImports.Add(found);
        return found;
    }

    internal string Version(CudaLibrary library) => Libraries.First(found => found.Library == library).Version ?? "unknown";
}
