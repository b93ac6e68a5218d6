using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>NCCL: collectives of several GPUs, as <c>nccl.h</c> declares them since version 2.</summary>
internal static unsafe partial class NcclApi
{
    private const string Library = NativeImports.Nccl;
    private const int InProgress = 7;
    private const int Sum = 0;

    /// <summary>For example 22805 for 2.28.5.</summary>
    public static int Version()
    {
        int version;
        Check(ncclGetVersion(&version));
        return version;
    }

    /// <summary>Names a communicator; one rank makes it, and all others have to be told.</summary>
    public static NcclUniqueId CreateId()
    {
        NcclUniqueId id;
        Check(ncclGetUniqueId(&id));
        return id;
    }

    /// <summary>Joins the other ranks, on the context that is current; returns when all have come.</summary>
    public static CommunicatorHandle Join(NcclUniqueId id, int rank, int size)
    {
        nint communicator;
        Check(ncclCommInitRank(&communicator, size, id, rank));
        return new CommunicatorHandle(communicator);
    }

    public static void AllReduce(nint buffer, long count, NcclType type, CommunicatorHandle communicator, DriverApi.StreamHandle stream) =>
        Check(ncclAllReduce(buffer, buffer, (nuint)count, (int)type, Sum, communicator.Value, stream.Value));

    /// <param name="part">=; this rank's part of <paramref name="buffer"/>.</param>
    /// <param name="count">Elements of a part.</param>
    public static void ReduceScatter(
        nint buffer, nint part, long count, NcclType type, CommunicatorHandle communicator, DriverApi.StreamHandle stream) =>
        Check(ncclReduceScatter(buffer, part, (nuint)count, (int)type, Sum, communicator.Value, stream.Value));

    /// <param name="part">This rank's part of <paramref name="buffer"/>.</param>
    /// <param name="count">Elements of a part.</param>
    public static void AllGather(
        nint part, nint buffer, long count, NcclType type, CommunicatorHandle communicator, DriverApi.StreamHandle stream) =>
        Check(ncclAllGather(part, buffer, (nuint)count, (int)type, communicator.Value, stream.Value));

    public static void Broadcast(
        nint buffer, long count, NcclType type, int root, CommunicatorHandle communicator, DriverApi.StreamHandle stream) =>
        Check(ncclBroadcast(buffer, buffer, (nuint)count, (int)type, root, communicator.Value, stream.Value));

    /// <summary>A failure that showed after a call had returned, in words; null where there is none.</summary>
    public static string? AsyncFailure(CommunicatorHandle communicator)
    {
        int status;
        var asked = ncclCommGetAsyncError(communicator.Value, &status);
        return (asked, status) is (0, 0 or InProgress) ? null : Describe(asked != 0 ? asked : status);
    }

    /// <summary>Ends what is in progress on the device; the communicator is of no use afterwards.</summary>
    public static void Abort(CommunicatorHandle communicator)
    {
        communicator.IsAborted = true;
        _ = ncclCommAbort(communicator.Value);
    }

    private static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status is not (0 or InProgress))
        {
            throw new CudaException(status, Describe(status), call, DriverApi.DeviceName);
        }
    }

    private static string Describe(int status) => Marshal.PtrToStringUTF8(ncclGetErrorString(status)) ?? $"an unknown status, {status}";

    [LibraryImport(Library)]
    private static partial nint ncclGetErrorString(int status);

    [LibraryImport(Library)]
    private static partial int ncclGetVersion(int* version);

    [LibraryImport(Library)]
    private static partial int ncclGetUniqueId(NcclUniqueId* id);

    [LibraryImport(Library)]
    private static partial int ncclCommInitRank(nint* communicator, int size, NcclUniqueId id, int rank);

    [LibraryImport(Library)]
    private static partial int ncclAllReduce(
        nint source, nint target, nuint count, int type, int operation, nint communicator, nint stream);

    [LibraryImport(Library)]
    private static partial int ncclReduceScatter(
        nint source, nint target, nuint partCount, int type, int operation, nint communicator, nint stream);

    [LibraryImport(Library)]
    private static partial int ncclAllGather(nint source, nint target, nuint partCount, int type, nint communicator, nint stream);

    [LibraryImport(Library)]
    private static partial int ncclBroadcast(nint source, nint target, nuint count, int type, int root, nint communicator, nint stream);

    [LibraryImport(Library)]
    private static partial int ncclCommGetAsyncError(nint communicator, int* status);

    [LibraryImport(Library)]
    private static partial int ncclCommAbort(nint communicator);

    [LibraryImport(Library)]
    private static partial int ncclCommDestroy(nint communicator);

    internal sealed class CommunicatorHandle(nint value) : CudaHandle(value)
    {
        /// <summary>An aborted one has been freed.</summary>
        public bool IsAborted { get; set; }

        protected override bool ReleaseHandle() => IsAborted || ncclCommDestroy(handle) == 0;
    }
}
