using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Compiles kernel files for one architecture. A GPU newer than the compiler gets PTX for the newest architecture that
/// the compiler knows, which the driver then compiles.
/// </summary>
internal sealed class KernelCompiler
{
    private const int HopperArchitecture = 90;
    private const int OldestArchitecture = 80;

    private readonly string _version;

    /// <param name="architecture">Compute capability as major × 10 + minor.</param>
    /// <param name="version">The compiler's version, a part of the keys of what it compiles.</param>
    public KernelCompiler(int architecture, string version)
    {
        if (architecture < OldestArchitecture)
        {
            throw new PlatformNotSupportedException(
                $"The GPU {DriverApi.DeviceName} has compute capability {architecture / 10}.{architecture % 10}; "
                + "the kernels need at least 8.0 (Ampere), for bf16.");
        }

        var supported = NvrtcApi.SupportedArchitectures();
        AsPtx = !supported.Contains(architecture);
        var target = AsPtx ? supported.Where(known => known <= architecture).Max() : architecture;
        Target = $"{(AsPtx ? "compute" : "sm")}_{target}{(target == HopperArchitecture && !AsPtx ? "a" : "")}";
        _version = version;
    }

    /// <summary>For example <c>sm_90a</c>.</summary>
    public string Target { get; }

    /// <summary>Whether Hopper's asynchronous matrix products can be compiled for, which no other architecture has.</summary>
    public bool HasWarpgroupProducts => Target == $"sm_{HopperArchitecture}a";

    /// <summary>Whether the result is PTX instead of a cubin.</summary>
    public bool AsPtx { get; }

    /// <summary>The cache key of the result of <see cref="Compile"/>.</summary>
    public string Key(string file, KernelVariant variant) => KernelSources.Key(file, Options(variant), $"NVRTC {_version}");

    public byte[] Compile(string file, KernelVariant variant) => NvrtcApi.Compile(
        KernelSources.Text(file), KernelSources.FileName(file), KernelSources.Headers, Options(variant), AsPtx);

    private string[] Options(KernelVariant variant) =>
        [$"--gpu-architecture={Target}", "--std=c++17", .. variant.Definitions()];
}
