using System.Runtime.InteropServices;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda.Collectives;

/// <summary>
/// Ranks that are GPUs, through NCCL. Tensors' collectives are enqueued on a stream of their own, behind what the backend's has by then,
/// and return before they are done; the backend's stream goes on beside those that are begun, and behind the others. Messages, numbers
/// and barriers go by way of the processes, and wait for no operation of the device.
/// <para>
/// Sums are in NCCL's order and in the tensor's element type; every rank gets the same bits. That all ranks call the same is not compared
/// for tensors. A watch ends what is in progress on the device when another rank has failed.
/// </para>
/// </summary>
public sealed class NcclCommunicator : Communicator
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(1);

    // Of more collectives that are begun the later event, which is as good, is waited for.
    private const int Events = 64;

    private readonly CudaBackend _backend;
    private readonly Communicator _processes;
    private readonly NcclApi.CommunicatorHandle _communicator;
    private readonly DriverApi.StreamHandle _stream;
    private readonly DriverApi.EventHandle _ready;
    private readonly DriverApi.EventHandle[] _done;
    private readonly ManualResetEventSlim _isOver = new();
    private readonly Lock _calling = new();
    private readonly Thread _watch;
    private readonly int _version;
    private long _begun;

    /// <summary>Joins the GPUs of the other ranks; returns when all have come.</summary>
    /// <param name="backend">Of this rank's GPU; has to outlive the communicator.</param>
    /// <param name="processes">The ranks, of the caller; have to outlive the communicator, too.</param>
    /// <exception cref="PlatformNotSupportedException">NCCL is absent; the message names the places tried.</exception>
    /// <exception cref="CommunicationException">A rank failed, or has another version of NCCL.</exception>
    public NcclCommunicator(CudaBackend backend, Communicator processes)
        : base(processes.Rank, processes.Size, backend.Device)
    {
        (_backend, _processes) = (backend, processes);
        CudaRuntime.Find().RequireNccl();
        backend.MakeCurrent();
        _version = NcclApi.Version();
        CompareVersions();
        _communicator = NcclApi.Join(ExchangeId(), Rank, Size);
        _stream = DriverApi.CreateUrgentStream();
        _ready = DriverApi.CreateEvent(timed: false);
        _done = [.. Enumerable.Range(0, Events).Select(_ => DriverApi.CreateEvent(timed: false))];
        _watch = new Thread(Watch) { IsBackground = true, Name = "rebound NCCL" };
        _watch.Start();
    }

    public override string Description =>
        $"{Size} GPUs, NCCL {_version / 10_000}.{_version % 10_000 / 100}.{_version % 100}";

    public override CancellationToken Failed => _processes.Failed;

    public override CommunicationException? Failure => _processes.Failure;

    public override void Abort(string reason) => _processes.Abort(reason);

    public override void Wait(PendingCollective pending)
    {
        if (!pending.IsDone)
        {
            _backend.MakeCurrent();
            DriverApi.Wait(_backend.Stream, _done[pending.Number % Events]);
        }
    }

    private protected override void AllReduceCore(Tensor tensor, CollectiveCall call) => Wait(Enqueue(() =>
        NcclApi.AllReduce(tensor.Address, tensor.Count, TypeOf(tensor), _communicator, _stream)));

    private protected override void ReduceScatterCore(Tensor tensor, CollectiveCall call) =>
        Wait(Enqueue(() => ReduceScatterNow(tensor)));

    private protected override void AllGatherCore(Tensor tensor, CollectiveCall call) =>
        Wait(Enqueue(() => AllGatherNow(tensor)));

    private protected override void BroadcastCore(Tensor tensor, CollectiveCall call) => Wait(Enqueue(() =>
        NcclApi.Broadcast(tensor.Address, tensor.Count, TypeOf(tensor), call.Root, _communicator, _stream)));

    private protected override PendingCollective BeginCore(Tensor tensor, CollectiveCall call, Action<Tensor, CollectiveCall> collective) =>
        Enqueue(call.Kind == CollectiveKind.ReduceScatter ? () => ReduceScatterNow(tensor) : () => AllGatherNow(tensor));

    private protected override IReadOnlyList<byte[]> ExchangeCore(ReadOnlySpan<byte> message, CollectiveCall call) =>
        _processes.ExchangeAs(message, call);

    protected override void Dispose(bool disposing)
    {
        if (_isOver.IsSet)
        {
            return;
        }

        try
        {
            // The watch goes on meanwhile: what waits for a rank that is gone is aborted.
            Wait(new PendingCollective(_begun));
            _backend.Synchronize();
        }
        catch (CudaException) when (Failure is not null)
        {
            // What was aborted has failed.
        }

        _isOver.Set();
        _watch.Join();
        _backend.MakeCurrent();
        _communicator.Dispose();
        Array.ForEach(_done, happened => happened.Dispose());
        _ready.Dispose();
        _stream.Dispose();
    }

    private void CompareVersions()
    {
        var versions = _processes.Exchange(BitConverter.GetBytes(_version)).Select(bytes => BitConverter.ToInt32(bytes)).ToArray();
        var other = Array.FindIndex(versions, version => version != versions[0]);
        if (other >= 0)
        {
            throw new CommunicationException(other, $"has NCCL {versions[other]}, and rank 0 has {versions[0]}: install the same for all");
        }
    }

    private NcclUniqueId ExchangeId()
    {
        var made = Rank == 0 ? NcclApi.CreateId() : default;
        var ids = _processes.Exchange(MemoryMarshal.AsBytes(new ReadOnlySpan<NcclUniqueId>(ref made)));
        return MemoryMarshal.Read<NcclUniqueId>(ids[0]);
    }

    private nint OwnPart(Tensor tensor) => tensor.Address + (nint)(tensor.Count / Size * Rank * tensor.DType.SizeInBytes());

    private static NcclType TypeOf(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => NcclType.Float32,
        DType.BFloat16 => NcclType.BFloat16,
        DType.Int32 => NcclType.Int32,
        _ => throw new ShapeException(nameof(NcclCommunicator), nameof(tensor), "of fp32, bf16 or int32", $"{tensor}"),
    };

    private void ReduceScatterNow(Tensor tensor) =>
        NcclApi.ReduceScatter(tensor.Address, OwnPart(tensor), tensor.Count / Size, TypeOf(tensor), _communicator, _stream);

    private void AllGatherNow(Tensor tensor) =>
        NcclApi.AllGather(OwnPart(tensor), tensor.Address, tensor.Count / Size, TypeOf(tensor), _communicator, _stream);

    private PendingCollective Enqueue(Action call)
    {
        lock (_calling)
        {
            if (Failure is { } failure)
            {
                throw new CommunicationException(failure.Rank, failure.Cause);
            }

            _backend.MakeCurrent();
            DriverApi.Record(_ready, _backend.Stream);
            DriverApi.Wait(_stream, _ready);
            call();
            DriverApi.Record(_done[++_begun % Events], _stream);
            return new PendingCollective(_begun);
        }
    }

    /// <summary>A kernel that waits for a rank that is gone would wait for ever.</summary>
    private void Watch()
    {
        while (!_isOver.Wait(Glance))
        {
            if (Failure is null && NcclApi.AsyncFailure(_communicator) is { } words)
            {
                _processes.Abort($"NCCL failed: {words}");
            }

            if (Failure is not null)
            {
                // A call that goes on for longer waits for a rank that is gone: it is aborted from here.
                var isQuiet = _calling.TryEnter(CallPatience);
                NcclApi.Abort(_communicator);
                if (isQuiet)
                {
                    _calling.Exit();
                }

                return;
            }
        }
    }
}
