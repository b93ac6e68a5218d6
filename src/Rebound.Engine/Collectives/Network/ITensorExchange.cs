namespace Rebound.Engine.Collectives.Network;

/// <summary>A way of tensors between processes: the collectives of <see cref="Communicator"/>, on what has been checked.</summary>
internal interface ITensorExchange : IDisposable
{
    /// <summary>For people.</summary>
    string Description { get; }

    void AllReduce(Tensor tensor, CollectiveCall call);

    void ReduceScatter(Tensor tensor, CollectiveCall call);

    void AllGather(Tensor tensor, CollectiveCall call);

    void Broadcast(Tensor tensor, CollectiveCall call);
}
