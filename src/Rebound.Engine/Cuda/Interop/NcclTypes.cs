namespace Rebound.Engine.Cuda.Interop;

/// <summary>NCCL's name of a communicator, passed by value.</summary>
internal unsafe struct NcclUniqueId
{
    /// <summary>NCCL_UNIQUE_ID_BYTES.</summary>
    public fixed byte Bytes[128];
}

/// <summary>Element types by NCCL's numbers.</summary>
internal enum NcclType
{
    Int32 = 2,
    Float32 = 7,
    BFloat16 = 9,
}
