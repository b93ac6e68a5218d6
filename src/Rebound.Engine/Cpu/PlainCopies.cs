namespace Rebound.Engine.Cpu;

/// <summary>Copies of a backend whose memory is the host's: each is made at once.</summary>
internal sealed class PlainCopies : HostCopies
{
    public override Arena Allocate(ArenaPlan plan) => Arena.OfHost(plan);

    public override void Follow()
    {
        // Operations have ended when they return.
    }

    public override void Lead()
    {
        // So have copies.
    }

    public override void Mark(int mark)
    {
        // Nothing is waited for.
    }

    public override void Await(int mark)
    {
        // Nothing is waited for.
    }

    public override void Dispose()
    {
        // It has nothing of its own.
    }

    private protected override void FetchCore(Tensor host, Tensor device) => Copy(host, device);

    private protected override void SendCore(Tensor device, Tensor host) => Copy(device, host);

    private static unsafe void Copy(Tensor destination, Tensor source)
    {
        var bytes = destination.Count * destination.DType.SizeInBytes();
        Buffer.MemoryCopy((void*)source.Address, (void*)destination.Address, bytes, bytes);
    }
}
