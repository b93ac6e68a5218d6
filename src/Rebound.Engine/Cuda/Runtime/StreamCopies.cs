using System.Runtime.InteropServices;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>Copies of a GPU on a stream of their own, from and to page-locked memory.</summary>
internal sealed class StreamCopies : HostCopies
{
    private readonly CudaBackend _backend;
    private readonly DriverApi.StreamHandle _copies = DriverApi.CreateStream();
    private readonly DriverApi.EventHandle _turn = DriverApi.CreateEvent(timed: false);
    private readonly DriverApi.EventHandle[] _marks;

    /// <param name="backend">Its context is the thread's; outlives the copies.</param>
    public StreamCopies(CudaBackend backend, int marks)
    {
        _backend = backend;
        _marks = [.. Enumerable.Range(0, marks).Select(_ => DriverApi.CreateEvent(timed: false))];
    }

    public override Arena Allocate(ArenaPlan plan)
    {
        _backend.MakeCurrent();
        return new PinnedArena(plan, DriverApi.AllocatePinned(plan.TotalBytes), _backend);
    }

    public override void Follow() => WaitFor(_backend.Stream, _copies);

    public override void Lead() => WaitFor(_copies, _backend.Stream);

    public override void Mark(int mark)
    {
        _backend.MakeCurrent();
        DriverApi.Record(_marks[mark], _copies);
    }

    public override void Await(int mark)
    {
        _backend.MakeCurrent();
        DriverApi.Synchronize(_marks[mark]);
    }

    public override void Dispose()
    {
        _backend.MakeCurrent();
        DriverApi.Synchronize(_copies);
        Array.ForEach(_marks, mark => mark.Dispose());
        _turn.Dispose();
        _copies.Dispose();
    }

    private protected override void FetchCore(Tensor host, Tensor device)
    {
        _backend.MakeCurrent();
        DriverApi.CopyToHost(host.Address, device.Address, device.Count * device.DType.SizeInBytes(), _copies);
    }

    private protected override void SendCore(Tensor device, Tensor host)
    {
        _backend.MakeCurrent();
        DriverApi.CopyToDevice(device.Address, host.Address, host.Count * host.DType.SizeInBytes(), _copies);
    }

    /// <summary>Operations of a stream from now on begin when all have ended that are on another one by now.</summary>
    private void WaitFor(DriverApi.StreamHandle first, DriverApi.StreamHandle second)
    {
        _backend.MakeCurrent();
        DriverApi.Record(_turn, first);
        DriverApi.Wait(second, _turn);
    }

    private sealed class PinnedArena : Arena
    {
        private readonly DriverApi.PinnedMemory _memory;
        private readonly CudaBackend _backend;

        public unsafe PinnedArena(ArenaPlan plan, DriverApi.PinnedMemory memory, CudaBackend backend)
            : base(plan, memory.Value, Device.Host)
        {
            (_memory, _backend) = (memory, backend);
            NativeMemory.Clear((void*)memory.Value, (nuint)plan.TotalBytes);
        }

        protected override void Free(nint address)
        {
            _backend.MakeCurrent();
            _memory.Dispose();
        }
    }
}
