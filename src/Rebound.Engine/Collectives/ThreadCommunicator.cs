using System.Runtime.ExceptionServices;

namespace Rebound.Engine.Collectives;

/// <summary>
/// Ranks that are threads of one process, on tensors in the host's memory. What is begun is done when it is waited for, or ahead of the
/// next collective: as late as a device may do it.
/// </summary>
public sealed unsafe class ThreadCommunicator : Communicator
{
    private readonly ThreadGroup _group;
    private readonly Queue<Action> _begun = new();
    private long _begunCount;
    private bool _isDoing;

    private ThreadCommunicator(ThreadGroup group, int rank)
        : base(rank, group.Size, Device.Host) => _group = group;

    public override string Description => Size == 1 ? "one rank alone" : $"{Size} threads of a process";

    public override CancellationToken Failed => _group.Failed;

    public override CommunicationException? Failure => _group.Failure;

    /// <summary>One communicator for each rank, by rank; each belongs to the thread that uses it.</summary>
    /// <param name="options">Of these only the time that ranks wait for each other; null for the defaults.</param>
    public static IReadOnlyList<ThreadCommunicator> Create(int size, CommunicatorOptions? options = null)
    {
        var group = new ThreadGroup(size, (options ?? new CommunicatorOptions()).CollectiveTimeout);
        return [.. Enumerable.Range(0, size).Select(rank => new ThreadCommunicator(group, rank))];
    }

    /// <summary>
    /// Runs the same work on every rank, each on a thread of its own, and returns when all have ended. A rank that throws ends the
    /// others' collectives, and its exception is the one that is thrown here.
    /// </summary>
    public static void Run(int size, Action<Communicator> work, CommunicatorOptions? options = null)
    {
        var failures = new ExceptionDispatchInfo?[size];
        var threads = Create(size, options).Select(communicator => new Thread(() =>
        {
            using (communicator)
            {
                try
                {
                    work(communicator);
                }
#pragma warning disable CA1031 // Thrown again on the thread that called.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failures[communicator.Rank] = ExceptionDispatchInfo.Capture(e);
                    communicator.Abort(e.Message);
                }
            }
        })
        { IsBackground = true, Name = $"rebound rank {communicator.Rank}" }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        var thrown = failures.OfType<ExceptionDispatchInfo>().ToArray();
        (thrown.FirstOrDefault(failure => failure.SourceException is not CommunicationException) ?? thrown.FirstOrDefault())?.Throw();
    }

    public override void Wait(PendingCollective pending) => DoBegun(pending.Number);

    public override void Abort(string reason) => _group.Fail(new CommunicationException(Rank, $"gave up: {reason}"));

    private protected override void AllReduceCore(Tensor tensor, CollectiveCall call)
    {
        DoBegun();
        Meet(call, tensor, reads: true);
        var (first, end) = Part(tensor.Count, Rank);
        Reduce(tensor.DType, first, end);
        Meet(call, tensor, reads: true);
        CopyOtherParts(tensor);
        Meet(call, tensor, reads: false);
    }

    private protected override void ReduceScatterCore(Tensor tensor, CollectiveCall call)
    {
        DoBegun();
        Meet(call, tensor, reads: true);
        var (first, end) = Part(tensor.Count, Rank);
        Reduce(tensor.DType, first, end);
        Meet(call, tensor, reads: false);
    }

    private protected override void AllGatherCore(Tensor tensor, CollectiveCall call)
    {
        DoBegun();
        Meet(call, tensor, reads: true);
        CopyOtherParts(tensor);
        Meet(call, tensor, reads: false);
    }

    private protected override void BroadcastCore(Tensor tensor, CollectiveCall call)
    {
        DoBegun();
        Meet(call, tensor, reads: true);
        if (Rank != call.Root)
        {
            Copy(_group.Addresses[call.Root], tensor, 0, tensor.Count);
        }

        Meet(call, tensor, reads: false);
    }

    private protected override IReadOnlyList<byte[]> ExchangeCore(ReadOnlySpan<byte> message, CollectiveCall call)
    {
        DoBegun();
        _group.Messages[Rank] = message.ToArray();
        Meet(call, default, reads: true);
        byte[][] messages = [.. _group.Messages.Select(other => (byte[])other.Clone())];
        Meet(call, default, reads: false);
        return messages;
    }

    private protected override PendingCollective BeginCore(Tensor tensor, CollectiveCall call, Action<Tensor, CollectiveCall> collective)
    {
        _begun.Enqueue(() => collective(tensor, call));
        return new PendingCollective(++_begunCount);
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            DoBegun();
        }
        catch (CommunicationException)
        {
            // Nobody waits for it.
        }
        finally
        {
            _group.Leave(Rank);
        }
    }

    /// <summary>Does what was begun, up to a number; nothing where that is going on.</summary>
    private void DoBegun(long last = long.MaxValue)
    {
        while (!_isDoing && _begunCount - _begun.Count < last && _begun.TryDequeue(out var collective))
        {
            _isDoing = true;
            try
            {
                collective();
            }
            finally
            {
                _isDoing = false;
            }
        }
    }

    private void Meet(CollectiveCall call, Tensor tensor, bool reads) => _group.Meet(Rank, call, tensor.Address, reads);

    /// <summary>Elements of the r-th of as many parts as there are ranks; parts differ by one element at most.</summary>
    private (long First, long End) Part(long count, int rank) =>
        ((long)((Int128)count * rank / Size), (long)((Int128)count * (rank + 1) / Size));

    /// <summary>The sum of a part, written into this rank's own: no other rank reads or writes it until they meet again.</summary>
    private void Reduce(DType type, long first, long end)
    {
        var offset = (nint)(first * type.SizeInBytes());
        Span<nint> sources = stackalloc nint[Size];
        for (var rank = 0; rank < Size; rank++)
        {
            sources[rank] = _group.Addresses[rank] + offset;
        }

        RankSum.Run(sources, sources[Rank], type, end - first);
    }

    private void CopyOtherParts(Tensor tensor)
    {
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank)
            {
                var (first, end) = Part(tensor.Count, rank);
                Copy(_group.Addresses[rank], tensor, first, end);
            }
        }
    }

    private static void Copy(nint source, Tensor target, long first, long end)
    {
        var (offset, bytes) = (first * target.DType.SizeInBytes(), (end - first) * target.DType.SizeInBytes());
        Buffer.MemoryCopy((byte*)source + offset, (byte*)target.Address + offset, bytes, bytes);
    }
}
