using System.Runtime.InteropServices;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

/// <summary>
/// The backend of NVIDIA GPUs from compute capability 8.0 on. Operations are enqueued on one stream and run in order;
/// only <see cref="Backend.CopyToHost"/> and <see cref="Backend.SumOfSquares(ReadOnlySpan{Tensor})"/> wait for them, and an
/// error of a kernel shows at the next call. Arithmetic is fp32, matrix products of bf16 included.
/// <para>
/// The backend uses the device's primary context, which every call makes the current one of its thread: operations come
/// from one thread at a time, but from any.
/// </para>
/// </summary>
public sealed unsafe partial class CudaBackend : Backend
{
    /// <summary>From Hopper on a kernel may begin before the one ahead of it has ended.</summary>
    private const int AheadArchitecture = 90;

    [ThreadStatic]
    private static CudaBackend? _currentOfThread;

    private readonly DriverApi.PrimaryContext _context;
    private readonly DriverApi.StreamHandle _stream;
    private readonly Staging _staging;
    private readonly KernelLibrary _kernels;
    private readonly MatrixProducts _products;
    private readonly DeviceBuffer _workspace;
    private readonly DeviceBuffer _widened;
    private readonly CudaDevice _device;
    private readonly int _multiprocessors;
    private readonly int _mostSharedBytes;
    private readonly bool _batchInvariant;
    private readonly bool _launchesAhead;
    private readonly nint _arrivals;
    private readonly string _description;
    private readonly long _freeAtFirst;
    private readonly long _share;
    private long _held;
    private long _mostHeld;
    private long _leastFree;

    /// <exception cref="PlatformNotSupportedException">
    /// There is no such GPU or a library is absent; the message says what was tried.
    /// </exception>
    /// <exception cref="CudaException">A library's call failed.</exception>
    public CudaBackend(CudaOptions? options = null)
        : this(options ?? new CudaOptions(), Find(options ?? new CudaOptions()))
    {
    }

    private CudaBackend(CudaOptions options, (CudaRuntime Runtime, CudaDevice Device) found)
        : base(
            new Device($"GPU {found.Device.Index}, {found.Device.Name}"), takesBFloat16: true, LargestHeadDim,
            options.KeepsBlocks ? StoredWeightTypes.Blocks : StoredWeightTypes.None)
    {
        (var runtime, _device) = found;
        ElementType = options.ElementType;
        _batchInvariant = options.BatchInvariant;
        DriverApi.NameDevice(Device.Name);
        _context = DriverApi.RetainPrimaryContext(_device.Index);
        MakeCurrent();
        _multiprocessors = DriverApi.Attribute(_context.Device, DeviceAttribute.MultiprocessorCount);
        _mostSharedBytes = DriverApi.Attribute(_context.Device, DeviceAttribute.SharedMemoryPerBlock);
        _stream = DriverApi.CreateStream();
        _workspace = new DeviceBuffer(_stream);
        _widened = new DeviceBuffer(_stream, isTight: true);
        _staging = new Staging(_stream);
        var cache = new FileCache(options.CacheFolder);
        var architecture = (10 * DriverApi.Attribute(_context.Device, DeviceAttribute.ComputeCapabilityMajor))
            + DriverApi.Attribute(_context.Device, DeviceAttribute.ComputeCapabilityMinor);
        _kernels = new KernelLibrary(new KernelCompiler(architecture, runtime.Version(CudaLibrary.Nvrtc)), cache);
        _launchesAhead = options.LaunchesAhead && architecture >= AheadArchitecture;
        var tuned = new TunedAlgorithms(cache, _device.Name, runtime.Version(CudaLibrary.CublasLt));
        _products = new MatrixProducts(_stream, options.Deterministic, tuned);
        _description = $"cuda ({_device.Name}, {_multiprocessors} multiprocessors, {_device.MemoryBytes / 1e9:f0} GB)";
        _arrivals = DeviceBuffer.Allocate(ArrivalCounters * sizeof(uint));
        DriverApi.SetBytes(_arrivals, 0, ArrivalCounters * sizeof(uint), _stream);
        _freeAtFirst = _leastFree = DriverApi.MemoryInfo().Free;
        _share = options.MemoryShare < 1 ? (long)(options.MemoryShare * _freeAtFirst) : long.MaxValue;
    }

    public override string Description => _description;

    public override DType ElementType { get; }

    public override long? FreeBytes
    {
        get
        {
            return Math.Clamp(_share - _held, 0, FreeOnDevice());
        }
    }

    public override int? BatchInvariantRows => _batchInvariant ? 1 : null;

    /// <inheritdoc/>
    /// <remarks>
    /// By what is free since the backend was opened, so that it counts what libraries and kernels take; for one that has a share of the
    /// memory, beside others, its arenas alone.
    /// </remarks>
    public override long? PeakBytes
    {
        get
        {
            if (_share < long.MaxValue)
            {
                return _mostHeld;
            }

            NoteFree();
            return _freeAtFirst - _leastFree;
        }
    }

    internal DriverApi.StreamHandle Stream => _stream;

    internal int Multiprocessors => _multiprocessors;

    /// <summary>Shared memory that a block can have.</summary>
    internal int MostSharedBytes => _mostSharedBytes;

    /// <summary>Kernel files that had to be compiled because the cache did not hold them.</summary>
    internal int CompiledModules => _kernels.Compiled;

    /// <summary>Matrix products whose algorithms had to be measured because the cache did not hold them.</summary>
    internal int MeasuredProducts => _products.Measured;

    /// <summary>Waits until all operations have ended.</summary>
    /// <exception cref="CudaException">One of them failed.</exception>
    public void Synchronize()
    {
        MakeCurrent();
        DriverApi.Synchronize(_stream);
    }

    public override Arena Allocate(ArenaPlan plan)
    {
        MakeCurrent();
        var address = DeviceBuffer.Allocate(plan.TotalBytes);
        _held += plan.TotalBytes;
        _mostHeld = Math.Max(_mostHeld, _held);
        NoteFree();
        DriverApi.SetBytes(address, 0, plan.TotalBytes, _stream);
        return new CudaArena(plan, address, Device, arena =>
        {
            Free(arena);
            _held -= plan.TotalBytes;
        });
    }

    public override PreparedBatch AllocateBatch(BatchCapacity capacity) => new CudaBatch(Device, capacity, _staging, MakeCurrent);

    public override HostCopies OpenHostCopies(int marks)
    {
        MakeCurrent();
        return new StreamCopies(this, marks);
    }

    protected override void CopyFromHostCore<T>(Tensor destination, ReadOnlySpan<T> source)
    {
        MakeCurrent();
        _staging.Upload(destination.Address, MemoryMarshal.AsBytes(source));
    }

    protected override void CopyToHostCore<T>(Span<T> destination, Tensor source)
    {
        MakeCurrent();
        _staging.Download(MemoryMarshal.AsBytes(destination), source.Address);
    }

    /// <summary>Waits for all operations and releases the device; arenas and prepared batches must be disposed of before.</summary>
    public override void Dispose()
    {
        if (_context.IsClosed)
        {
            return;
        }

        MakeCurrent();
        DriverApi.Synchronize(_stream);
        _workspace.Dispose();
        _widened.Dispose();
        DriverApi.Free(_arrivals);
        _products.Dispose();
        _kernels.Dispose();
        _staging.Dispose();
        _stream.Dispose();
        _context.Dispose();
        NativeMemory.AlignedFree(_maps);
        _currentOfThread = null;
    }

    private static (CudaRuntime Runtime, CudaDevice Device) Find(CudaOptions options)
    {
        if (options.ElementType is not (DType.BFloat16 or DType.Float32))
        {
            throw new ArgumentException($"The element type is {options.ElementType}, and must be BFloat16 or Float32.", nameof(options));
        }

        if (options.MemoryShare is not (> 0 and <= 1))
        {
            throw new ArgumentException(
                $"The share of memory is {options.MemoryShare}, and must be above 0 and at most 1.", nameof(options));
        }

        var runtime = CudaRuntime.Find(options.LibraryFolder);
        if (runtime.Absence is not null)
        {
            throw new PlatformNotSupportedException(string.Join('\n', [$"CUDA: {runtime.Absence}.", .. runtime.Tried()]));
        }

        var device = runtime.Devices.Found.FirstOrDefault(device => device.Index == options.Device)
            ?? throw new PlatformNotSupportedException(
                $"There is no GPU {options.Device}; the driver offers GPUs 0 to {runtime.Devices.Found.Count - 1}.");
        return (runtime, device);
    }

    private void NoteFree() => _leastFree = Math.Min(_leastFree, FreeOnDevice());

    private long FreeOnDevice()
    {
        MakeCurrent();
        return DriverApi.MemoryInfo().Free;
    }

    private void Free(nint address)
    {
        MakeCurrent();
        DriverApi.Synchronize(_stream);
        DriverApi.Free(address);
    }

    /// <summary>Makes this backend's device the one that the calls of this thread go to.</summary>
    internal void MakeCurrent()
    {
        if (!ReferenceEquals(_currentOfThread, this))
        {
            DriverApi.SetCurrentContext(_context);
            DriverApi.NameDevice(Device.Name);
            _currentOfThread = this;
        }
    }

    /// <summary>Enqueues a kernel.</summary>
    /// <param name="arguments">In the order of the kernel's parameters; their types are not checked.</param>
    private void Launch(
        Kernel kernel, KernelVariant variant, (int X, int Y) grid, (int X, int Y) block, int sharedBytes,
        params ReadOnlySpan<KernelArgument> arguments)
    {
        if (grid.X == 0 || grid.Y == 0)
        {
            return;
        }

        MakeCurrent();
        var function = _kernels.Get(kernel, variant, sharedBytes, arguments.Length);
        var addresses = stackalloc void*[arguments.Length];
        fixed (KernelArgument* first = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                addresses[i] = KernelArgument.Address(first + i);
            }

            if (kernel.WaitsItself && _launchesAhead)
            {
                DriverApi.LaunchAhead(function, grid, block, sharedBytes, _stream, addresses, kernel.Function);
            }
            else
            {
                DriverApi.Launch(function, grid, block, sharedBytes, _stream, addresses, kernel.Function);
            }
        }
    }

    /// <summary>Threads of a block that goes over a row once: whole warps, as many as the row's loads need, within limits.</summary>
    private static int ThreadsFor(int width, int lanes) => Math.Clamp((((width + lanes - 1) / lanes) + 31) / 32 * 32, 32, 512);
}
