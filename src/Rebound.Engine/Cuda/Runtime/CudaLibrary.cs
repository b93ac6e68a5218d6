namespace Rebound.Engine.Cuda;

/// <summary>A library of NVIDIA's that the CUDA backend loads at run time, under the file names it goes by.</summary>
public sealed class CudaLibrary
{
    /// <summary>The driver's API, which comes with the graphics driver and with no toolkit.</summary>
    public static readonly CudaLibrary Driver = new(
        "CUDA driver",
        ["libcuda.so.1", "libcuda.so"],
        ["nvcuda.dll"],
        "cuDriverGetVersion");

    /// <summary>The run-time compiler of kernels.</summary>
    public static readonly CudaLibrary Nvrtc = new(
        "NVRTC",
        ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"],
        ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"],
        "nvrtcVersion");

    /// <summary>Matrix products.</summary>
    public static readonly CudaLibrary CublasLt = new(
        "cuBLASLt",
        ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"],
        ["cublasLt64_13.dll", "cublasLt64_12.dll"],
        "cublasLtGetVersion");

    /// <summary>Collectives of several GPUs.</summary>
    public static readonly CudaLibrary Nccl = new(
        "NCCL",
        ["libnccl.so.2", "libnccl.so"],
        ["nccl.dll"],
        "ncclGetVersion");

    private CudaLibrary(string name, string[] linuxFiles, string[] windowsFiles, string versionFunction)
    {
        Name = name;
        FileNames = OperatingSystem.IsWindows() ? windowsFiles : linuxFiles;
        VersionFunction = versionFunction;
    }

    /// <summary>The libraries in the order in which they are needed.</summary>
    public static IReadOnlyList<CudaLibrary> All { get; } = [Driver, Nvrtc, CublasLt, Nccl];

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>File names on this system, the preferred one first.</summary>
    public IReadOnlyList<string> FileNames { get; }

    /// <summary>The exported function that tells its version.</summary>
    internal string VersionFunction { get; }
}
