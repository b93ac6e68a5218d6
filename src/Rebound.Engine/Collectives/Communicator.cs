namespace Rebound.Engine.Collectives;

/// <summary>
/// The ranks of a run that compute together, as one of them sees them. A collective is called by every rank, in the same order, with
/// tensors of the same size and element type, and ends on none before all have come to it. One thread at a time calls collectives of
/// a communicator; <see cref="Abort"/> may be called by any.
/// <para>
/// What an operation is given is checked before any work (<see cref="ShapeException"/>, <see cref="DeviceException"/>); ranks that call
/// different things are told so. The failure of one rank ends the collectives of all others with a
/// <see cref="CommunicationException"/> that names it, and every later one.
/// </para>
/// </summary>
public abstract class Communicator : IDisposable
{
    /// <param name="device">Where the tensors lie that ranks share.</param>
    private protected Communicator(int rank, int size, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, size);
        (Rank, Size, Device) = (rank, size, device);
    }

    /// <summary>This rank: 0 to <see cref="Size"/> − 1.</summary>
    public int Rank { get; }

    /// <summary>Number of ranks, at least 1.</summary>
    public int Size { get; }

    /// <summary>Where the tensors of this rank lie.</summary>
    public Device Device { get; }

    /// <summary>For people, how ranks reach each other, for example <c>4 threads of a process</c>.</summary>
    public abstract string Description { get; }

    /// <summary>
    /// Cancelled by the first failure, so that a rank that computes for long without a collective learns of it.
    /// </summary>
    public abstract CancellationToken Failed { get; }

    /// <summary>The first failure, which every later collective throws; null where there is none.</summary>
    public abstract CommunicationException? Failure { get; }

    /// <summary>
    /// The sum over all ranks, for all ranks. Every rank gets the same bits: ranks are added in ascending order, in fp32, and the sum is
    /// rounded once to the tensor's type.
    /// </summary>
    /// <param name="tensor">fp32 or bf16, overwritten.</param>
    public void AllReduce(Tensor tensor)
    {
        CollectiveContract.Summable(tensor, Device);
        AllReduceCore(tensor, CollectiveCall.Of(CollectiveKind.AllReduce, tensor));
    }

    /// <summary>
    /// The sum over all ranks (as of <see cref="AllReduce"/>), each rank its part: afterwards rank r's own r-th part holds the sum, and
    /// the rest of its tensor is undefined.
    /// </summary>
    /// <param name="tensor">fp32 or bf16, of a number of elements that <see cref="Size"/> divides; overwritten.</param>
    public void ReduceScatter(Tensor tensor)
    {
        CollectiveContract.Summable(tensor, Device);
        CollectiveContract.Divisible(tensor, Size);
        ReduceScatterCore(tensor, CollectiveCall.Of(CollectiveKind.ReduceScatter, tensor));
    }

    /// <summary>The r-th part of every rank r, for all ranks.</summary>
    /// <param name="tensor">Of a number of elements that <see cref="Size"/> divides; all parts but the rank's own are overwritten.</param>
    public void AllGather(Tensor tensor)
    {
        CollectiveContract.Reachable(tensor, Device);
        CollectiveContract.Divisible(tensor, Size);
        AllGatherCore(tensor, CollectiveCall.Of(CollectiveKind.AllGather, tensor));
    }

    /// <summary>
    /// Begins a <see cref="ReduceScatter"/>, beside which the device may compute: until <see cref="Wait"/> the tensor is neither read nor
    /// written. Collectives that are begun are done in their order.
    /// </summary>
    /// <inheritdoc cref="ReduceScatter" path="/param"/>
    public PendingCollective BeginReduceScatter(Tensor tensor)
    {
        CollectiveContract.Summable(tensor, Device);
        CollectiveContract.Divisible(tensor, Size);
        return BeginCore(tensor, CollectiveCall.Of(CollectiveKind.ReduceScatter, tensor), ReduceScatterCore);
    }

    /// <summary>Begins an <see cref="AllGather"/>, as <see cref="BeginReduceScatter"/> begins its own.</summary>
    /// <inheritdoc cref="AllGather" path="/param"/>
    public PendingCollective BeginAllGather(Tensor tensor)
    {
        CollectiveContract.Reachable(tensor, Device);
        CollectiveContract.Divisible(tensor, Size);
        return BeginCore(tensor, CollectiveCall.Of(CollectiveKind.AllGather, tensor), AllGatherCore);
    }

    /// <summary>
    /// Lets what the device does from now on come after a collective that was begun. Ranks need not wait at the same time.
    /// </summary>
    public virtual void Wait(PendingCollective pending)
    {
    }

    /// <summary>One rank's tensor, for all ranks.</summary>
    /// <param name="tensor">Overwritten, but on <paramref name="root"/>.</param>
    /// <param name="root">The rank whose tensor it is.</param>
    public void Broadcast(Tensor tensor, int root)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, Size);
        CollectiveContract.Reachable(tensor, Device);
        BroadcastCore(tensor, CollectiveCall.Of(CollectiveKind.Broadcast, tensor, root));
    }

    /// <summary>The sum of one number of every rank, added in ascending order: the same bits on all.</summary>
    public double Sum(double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BitConverter.TryWriteBytes(bytes, value);
        return ExchangeCore(bytes, CollectiveCall.Of(CollectiveKind.Sum))
            .Aggregate(0.0, (sum, message) => sum + BitConverter.ToDouble(message));
    }

    /// <summary>A message of every rank, by rank. Messages may differ in length.</summary>
    public IReadOnlyList<byte[]> Exchange(ReadOnlySpan<byte> message) =>
        ExchangeCore(message, CollectiveCall.Of(CollectiveKind.Exchange));

    /// <summary>Returns when all ranks have come to it.</summary>
    public void Barrier() => ExchangeCore([], CollectiveCall.Of(CollectiveKind.Barrier));

    /// <summary>
    /// Ends the collectives of all ranks, those in progress and later ones, with a <see cref="CommunicationException"/> that names this
    /// rank. The first failure of a run is the one that all report; after it this does nothing.
    /// </summary>
    /// <param name="reason">For people, for example an exception's message.</param>
    public abstract void Abort(string reason);

    /// <summary>
    /// Leaves the ranks: for those that have no collective before them an orderly end, for the others a failure that names this rank.
    /// </summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>An exchange of a communicator that is made of this one.</summary>
    internal IReadOnlyList<byte[]> ExchangeAs(ReadOnlySpan<byte> message, CollectiveCall call) => ExchangeCore(message, call);

    private protected abstract void AllReduceCore(Tensor tensor, CollectiveCall call);

    private protected abstract void ReduceScatterCore(Tensor tensor, CollectiveCall call);

    private protected abstract void AllGatherCore(Tensor tensor, CollectiveCall call);

    private protected abstract void BroadcastCore(Tensor tensor, CollectiveCall call);

    /// <summary>Begins a collective; where nothing computes beside it, does it.</summary>
    private protected virtual PendingCollective BeginCore(Tensor tensor, CollectiveCall call, Action<Tensor, CollectiveCall> collective)
    {
        collective(tensor, call);
        return default;
    }

    private protected abstract IReadOnlyList<byte[]> ExchangeCore(ReadOnlySpan<byte> message, CollectiveCall call);

    protected abstract void Dispose(bool disposing);
}
