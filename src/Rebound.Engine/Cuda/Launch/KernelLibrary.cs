using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>Loaded kernels of one context: each file and variant is compiled, or read from the cache, when first used.</summary>
internal sealed class KernelLibrary(KernelCompiler compiler, FileCache cache) : IDisposable
{
    /// <summary>Dynamic shared memory up to which a kernel needs no leave, whatever of the 48 KiB it declares itself.</summary>
    private const int SharedBytesOfAll = 24 * 1024;

    private readonly Dictionary<(string File, KernelVariant Variant), DriverApi.ModuleHandle> _modules = [];
    private readonly Dictionary<(Kernel Kernel, KernelVariant Variant), LoadedKernel> _kernels = [];

    /// <summary>Whether kernels may use Hopper's asynchronous matrix products.</summary>
    public bool HasWarpgroupProducts => compiler.HasWarpgroupProducts;

    /// <summary>Modules that had to be compiled because the cache did not hold them.</summary>
    public int Compiled { get; private set; }

    /// <param name="sharedBytes">Dynamic shared memory that the launch will ask for.</param>
    /// <param name="arguments">How many arguments the launch will pass.</param>
    public nint Get(Kernel kernel, KernelVariant variant, int sharedBytes, int arguments)
    {
        if (!_kernels.TryGetValue((kernel, variant), out var loaded))
        {
            loaded = new LoadedKernel(
                DriverApi.Function(Module(kernel.File, variant), kernel.Function), KernelSources.ParameterCount(kernel));
            _kernels.Add((kernel, variant), loaded);
        }

        if (loaded.Parameters != arguments)
        {
            throw new InvalidOperationException(
                $"The kernel {kernel.Function} has {loaded.Parameters} parameters, and is launched with {arguments} arguments.");
        }

        if (sharedBytes > loaded.SharedBytes)
        {
            DriverApi.AllowSharedMemory(loaded.Function, sharedBytes);
            loaded.SharedBytes = sharedBytes;
        }

        return loaded.Function;
    }

    public void Dispose()
    {
        foreach (var module in _modules.Values)
        {
            module.Dispose();
        }
    }

    private DriverApi.ModuleHandle Module(string file, KernelVariant variant)
    {
        if (!_modules.TryGetValue((file, variant), out var module))
        {
            module = Load(file, variant);
            _modules.Add((file, variant), module);
        }

        return module;
    }

    private DriverApi.ModuleHandle Load(string file, KernelVariant variant)
    {
        var name = compiler.Key(file, variant) + (compiler.AsPtx ? ".ptx" : ".cubin");
        if (cache.Read(name) is { } kept && DriverApi.TryLoadModule(kept) is { } module)
        {
            return module;
        }

        var image = compiler.Compile(file, variant);
        Compiled++;
        cache.Write(name, image);
        return DriverApi.TryLoadModule(image)
            ?? throw new PlatformNotSupportedException(
                $"The driver of {DriverApi.DeviceName} takes no code for {compiler.Target} from this NVRTC; update the driver.");
    }

    private sealed class LoadedKernel(nint function, int parameters)
    {
        public nint Function { get; } = function;

        public int Parameters { get; } = parameters;

        public int SharedBytes { get; set; } = SharedBytesOfAll;
    }
}
