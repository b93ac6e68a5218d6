using Rebound.Engine.Collectives.Network;

namespace Rebound.Engine.Collectives;

/// <summary>
/// Ranks that are processes, on tensors in the host's memory: of one host through memory that they share, of several over their
/// connections. <see cref="Rendezvous"/> makes it.
/// </summary>
internal sealed class ProcessCommunicator : Communicator
{
    private readonly RankNetwork _network;
    private readonly RankExchange _exchange;
    private readonly ITensorExchange _tensors;

    /// <param name="network">The communicator owns it.</param>
    public ProcessCommunicator(RankNetwork network, CommunicatorOptions options)
        : base(network.Rank, network.Size, Device.Host)
    {
        _network = network;
        _exchange = new RankExchange(network);
        try
        {
            _tensors = (ITensorExchange?)SharedMemoryExchange.TryOpen(_exchange, options)
                ?? new NetworkExchange(_exchange, options.ChunkBytes);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public override string Description => $"{Size} processes, {_tensors.Description}";

    public override CancellationToken Failed => _network.Failed;

    public override CommunicationException? Failure => _network.Failure;

    public override void Abort(string reason) => _network.Fail(new CommunicationException(Rank, $"gave up: {reason}"));

    private protected override void AllReduceCore(Tensor tensor, CollectiveCall call) => _tensors.AllReduce(tensor, call);

    private protected override void ReduceScatterCore(Tensor tensor, CollectiveCall call) => _tensors.ReduceScatter(tensor, call);

    private protected override void AllGatherCore(Tensor tensor, CollectiveCall call) => _tensors.AllGather(tensor, call);

    private protected override void BroadcastCore(Tensor tensor, CollectiveCall call) => _tensors.Broadcast(tensor, call);

    private protected override IReadOnlyList<byte[]> ExchangeCore(ReadOnlySpan<byte> message, CollectiveCall call) =>
        _exchange.Exchange(message, call);

    protected override void Dispose(bool disposing)
    {
        _tensors.Dispose();
        _network.Dispose();
    }
}
