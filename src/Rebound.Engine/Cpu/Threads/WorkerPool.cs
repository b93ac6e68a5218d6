using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Rebound.Engine.Cpu;

/// <summary>Work that splits into parts which any thread may run, in any order and at the same time.</summary>
public interface IParallelJob
{
    /// <summary>Runs one part. A part never waits for a part of a higher index: one thread may have to run them all.</summary>
    void Execute(int part);
}

/// <summary>
/// Persistent threads for the operations of one backend. <see cref="Run"/> hands out the parts of a job one by one, in
/// rising order, to its caller and to whichever workers are awake; it allocates nothing. Between jobs workers spin for
/// a moment, so that the next operation of a model starts at once, and then sleep.
/// <para>
/// The job in progress is one 64-bit word, its number and how many of its parts are not yet taken. Taking a part is a
/// compare-and-swap on that word, so a worker that wakes late can never take a part of a job that it has not seen, and
/// nobody waits for a worker that took nothing.
/// </para>
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 10_000; // 100 µs

    [ThreadStatic]
    private static bool _insideJob;

    private readonly Thread[] _workers;
    private readonly Lock _entry = new();
    private readonly object _sleep = new();
    private readonly bool _spin;
    private long _state;
    private int _unfinished;
    private int _sleeping;
    private bool _disposed;
    private void* _job;
    private delegate*<void*, int, void> _execute;
    private int _parts;
    private ExceptionDispatchInfo? _failure;

    /// <param name="threads">Threads that run a job, the caller's among them; at least 1.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _spin = threads <= Environment.ProcessorCount;
        _workers = new Thread[threads - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"rebound worker {i + 1}" };
            _workers[i].Start();
        }
    }

    public int Threads { get; }

    /// <summary>
    /// Runs parts 0 to <paramref name="parts"/> − 1 and returns when all have ended. Called from within a part, it runs
    /// them on the calling thread; callers on several threads take turns.
    /// </summary>
    /// <param name="job">Shared by all parts: its fields may be changed with interlocked operations.</param>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    /// <exception cref="Exception">The first exception of a part; parts not yet begun at that moment are skipped.</exception>
    public void Run<TJob>(ref TJob job, int parts)
        where TJob : struct, IParallelJob
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (_insideJob)
        {
            RunHere(ref job, parts);
            return;
        }

        lock (_entry)
        {
            _insideJob = true;
            try
            {
                if (parts <= 1 || Threads == 1)
                {
                    RunHere(ref job, parts);
                    return;
                }

                // The copy lives on this stack, which does not move, unlike a field of an object.
                var shared = job;
                Publish(Unsafe.AsPointer(ref shared), &Invoke<TJob>, parts);
                while (TryRunPart(Volatile.Read(ref _state)))
                {
                }

                AwaitEnd();
                job = shared;
            }
            finally
            {
                _insideJob = false;
            }

            Interlocked.Exchange(ref _failure, null)?.Throw();
        }
    }

    /// <summary>Ends and joins the workers.</summary>
    public void Dispose()
    {
        lock (_entry)
        {
            lock (_sleep)
            {
                _disposed = true;
                Monitor.PulseAll(_sleep);
            }

            foreach (var worker in _workers)
            {
                worker.Join();
            }
        }
    }

    private static void RunHere<TJob>(ref TJob job, int parts)
        where TJob : struct, IParallelJob
    {
        for (var part = 0; part < parts; part++)
        {
            job.Execute(part);
        }
    }

    private static void Invoke<TJob>(void* job, int part)
        where TJob : struct, IParallelJob => Unsafe.AsRef<TJob>(job).Execute(part);

    private static int Untaken(long state) => (int)(uint)state;

    private void Publish(void* job, delegate*<void*, int, void> execute, int parts)
    {
        // No part is untaken now, so no worker reads these fields until the state is written.
        _job = job;
        _execute = execute;
        _parts = parts;
        Volatile.Write(ref _unfinished, parts);
        var number = (Volatile.Read(ref _state) >> 32) + 1;
        Interlocked.Exchange(ref _state, (number << 32) | (uint)parts);
        if (Volatile.Read(ref _sleeping) != 0)
        {
            lock (_sleep)
            {
                Monitor.PulseAll(_sleep);
            }
        }
    }

    /// <summary>Takes and runs the next part of the job that <paramref name="state"/> names; false when it has none left.</summary>
    private bool TryRunPart(long state)
    {
        while (Untaken(state) != 0)
        {
            var (job, execute, part) = ((nint)_job, (nint)_execute, _parts - Untaken(state));
            var seen = Interlocked.CompareExchange(ref _state, state - 1, state);
            if (seen != state)
            {
                state = seen;
                continue;
            }

            try
            {
                if (Volatile.Read(ref _failure) is null)
                {
                    ((delegate*<void*, int, void>)execute)((void*)job, part);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            }

            if (Interlocked.Decrement(ref _unfinished) == 0 && Volatile.Read(ref _sleeping) != 0)
            {
                lock (_sleep)
                {
                    Monitor.PulseAll(_sleep);
                }
            }

            return true;
        }

        return false;
    }

    private void AwaitEnd()
    {
        var spinEnd = Stopwatch.GetTimestamp() + SpinTicks;
        while (Volatile.Read(ref _unfinished) != 0)
        {
            if (_spin && Stopwatch.GetTimestamp() < spinEnd)
            {
                Thread.SpinWait(4);
                continue;
            }

            lock (_sleep)
            {
                Interlocked.Increment(ref _sleeping);
                while (Volatile.Read(ref _unfinished) != 0)
                {
                    Monitor.Wait(_sleep);
                }

                Interlocked.Decrement(ref _sleeping);
            }
        }
    }

    private void Work()
    {
        _insideJob = true;
        while (AwaitParts() is var state && Untaken(state) != 0)
        {
            while (TryRunPart(state))
            {
                state = Volatile.Read(ref _state);
            }
        }
    }

    /// <summary>Returns a state with untaken parts, or one without when the pool is disposed.</summary>
    private long AwaitParts()
    {
        var spinEnd = Stopwatch.GetTimestamp() + SpinTicks;
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (Untaken(state) != 0 || Volatile.Read(ref _disposed))
            {
                return state;
            }

            if (_spin && Stopwatch.GetTimestamp() < spinEnd)
            {
                Thread.SpinWait(4);
                continue;
            }

            lock (_sleep)
            {
                Interlocked.Increment(ref _sleeping);
                while (Untaken(Volatile.Read(ref _state)) == 0 && !_disposed)
                {
                    Monitor.Wait(_sleep);
                }

                Interlocked.Decrement(ref _sleeping);
            }
        }
    }
}
