namespace Rebound.Engine.Collectives;

/// <summary>A collective operation.</summary>
internal enum CollectiveKind : byte
{
    AllReduce,
    ReduceScatter,
    AllGather,
    Broadcast,
    Sum,
    Exchange,
    Barrier,
}

/// <summary>A collective as a rank calls it: ranks compare theirs, since different ones would mix up their data.</summary>
/// <param name="Type">0 where no tensor is given.</param>
/// <param name="Count">Elements of the tensor.</param>
/// <param name="Root">0 but for a broadcast.</param>
internal readonly record struct CollectiveCall(CollectiveKind Kind, DType Type, long Count, int Root)
{
    public static CollectiveCall Of(CollectiveKind kind, Tensor tensor, int root = 0) => new(kind, tensor.DType, tensor.Count, root);

    public static CollectiveCall Of(CollectiveKind kind) => new(kind, default, 0, 0);

    /// <summary>The failure of the first rank whose call is not that of rank 0; null where all are the same.</summary>
    public static CommunicationException? Difference(ReadOnlySpan<CollectiveCall> calls)
    {
        for (var rank = 1; rank < calls.Length; rank++)
        {
            if (calls[rank] != calls[0])
            {
                return new CommunicationException(rank, $"called {calls[rank]} where rank 0 called {calls[0]}");
            }
        }

        return null;
    }

    /// <summary>For example <c>AllReduce of Float32[8]</c>.</summary>
    public override string ToString() => Kind switch
    {
        CollectiveKind.AllReduce or CollectiveKind.ReduceScatter or CollectiveKind.AllGather => $"{Kind} of {Type}[{Count}]",
        CollectiveKind.Broadcast => $"{Kind} of {Type}[{Count}] from rank {Root}",
        _ => $"{Kind}",
    };
}
