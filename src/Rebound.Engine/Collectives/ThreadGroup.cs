using System.Diagnostics;

namespace Rebound.Engine.Collectives;

/// <summary>The meeting place of ranks that are threads of a process.</summary>
#pragma warning disable CA1001 // The source has neither a timer nor a handle, and its token outlives the ranks.
internal sealed class ThreadGroup
#pragma warning restore CA1001
{
    private readonly object _lock = new();
    private readonly CancellationTokenSource _failed = new();
    private readonly TimeSpan _patience;
    private readonly CollectiveCall[] _calls;
    private readonly bool[] _isHere;
    private readonly bool[] _isReading;
    private readonly bool[] _hasLeft;
    private CommunicationException? _failure;
    private int _here;
    private long _round;

    public ThreadGroup(int size, TimeSpan patience)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _patience = patience;
        _calls = new CollectiveCall[size];
        (_isHere, _isReading, _hasLeft) = (new bool[size], new bool[size], new bool[size]);
        (Addresses, Messages) = (new nint[size], new byte[size][]);
        Array.Fill(Messages, []);
    }

    public int Size => _calls.Length;

    /// <summary>Cancelled by the first failure.</summary>
    public CancellationToken Failed => _failed.Token;

    /// <summary>The first failure.</summary>
    public CommunicationException? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <summary>The tensor of every rank in the collective that is in progress.</summary>
    public nint[] Addresses { get; }

    /// <summary>The message of every rank, likewise; written before a rank comes to it.</summary>
    public byte[][] Messages { get; }

    /// <summary>
    /// Returns when all ranks have come with the same call. Nobody leaves with a failure while another rank still reads its tensor.
    /// </summary>
    /// <param name="reads">Whether ranks read each other's tensors from here to where they meet next.</param>
    /// <exception cref="CommunicationException">One failed, left, called something else or did not come.</exception>
    public void Meet(int rank, CollectiveCall call, nint address, bool reads)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_hasLeft[rank], typeof(ThreadCommunicator));
            _isReading[rank] = false;
            ThrowFailure();
            (_calls[rank], Addresses[rank]) = (call, address);
            if (Array.IndexOf(_hasLeft, true) is >= 0 and var gone)
            {
                FailOf(gone, $"has ended, and {call} needs all ranks");
                ThrowFailure();
            }

            _isHere[rank] = true;
            if (++_here == Size)
            {
                EndRound(reads);
            }
            else
            {
                AwaitRound(_round, call);
            }

            if (_failure is not null)
            {
                _isReading[rank] = false;
                ThrowFailure();
            }
        }
    }

    /// <summary>A rank that calls no more collectives; others that wait for it fail.</summary>
    public void Leave(int rank)
    {
        lock (_lock)
        {
            if (!_hasLeft[rank])
            {
                _hasLeft[rank] = true;
                if (Array.IndexOf(_isHere, true) is >= 0 and var waiting)
                {
                    FailOf(rank, $"ended while rank {waiting} waited for it in {_calls[waiting]}");
                }
            }
        }
    }

    /// <summary>Ends what all ranks wait for; the first failure stays.</summary>
    public void Fail(CommunicationException failure)
    {
        lock (_lock)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            Monitor.PulseAll(_lock);
        }

        // Whoever is told of it may call collectives, or abort: not on this thread, which may hold the lock.
        _ = _failed.CancelAsync();
    }

    private void EndRound(bool reads)
    {
        if (CollectiveCall.Difference(_calls) is { } difference)
        {
            Fail(difference);
        }

        Array.Fill(_isReading, reads && _failure is null);
        Array.Clear(_isHere);
        _here = 0;
        _round++;
        Monitor.PulseAll(_lock);
    }

    private void AwaitRound(long round, CollectiveCall call)
    {
        var clock = Stopwatch.StartNew();
        while (_round == round && _failure is null)
        {
            var left = _patience - clock.Elapsed;
            if (left <= TimeSpan.Zero)
            {
                FailOf(Array.IndexOf(_isHere, false), $"did not come to {call} within {_patience.TotalSeconds:0.###} s");
                return;
            }

            Monitor.Wait(_lock, left);
        }
    }

    private void FailOf(int rank, string cause) => Fail(new CommunicationException(rank, cause));

    /// <summary>An exception of each thread's own: one that is thrown by several would mix up their stacks.</summary>
    private void ThrowFailure()
    {
        if (_failure is { } failure)
        {
            Monitor.PulseAll(_lock);
            while (Array.IndexOf(_isReading, true) >= 0)
            {
                Monitor.Wait(_lock);
            }

            throw new CommunicationException(failure.Rank, failure.Cause);
        }
    }
}
