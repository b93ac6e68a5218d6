using Rebound.Engine.Cpu;

namespace Rebound.Engine.Tests;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void Every_part_runs_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        foreach (var parts in new[] { 0, 1, 2, threads, 1000 })
        {
            var job = new CountingJob { Counts = new int[parts] };
            pool.Run(ref job, parts);
            Assert.All(job.Counts, count => Assert.Equal(1, count));
            Assert.Equal(parts, job.Total);
        }
    }

    [Fact]
    public void Thousands_of_small_jobs_follow_each_other()
    {
        using var pool = new WorkerPool(4);
        var job = new CountingJob { Counts = new int[7] };
        for (var i = 0; i < 20_000; i++)
        {
            pool.Run(ref job, job.Counts.Length);
        }

        Assert.All(job.Counts, count => Assert.Equal(20_000, count));
        Assert.Equal(140_000, job.Total);
    }

    [Fact]
    public void Sleeping_workers_wake_for_the_next_job()
    {
        using var pool = new WorkerPool(2);
        for (var i = 0; i < 5; i++)
        {
            Thread.Sleep(5);

            // Each of the two parts waits for the other, so both threads must be at work.
            using var barrier = new Barrier(2);
            var job = new MeetingJob { Barrier = barrier };
            pool.Run(ref job, 2);
            Assert.Equal(2, job.Met);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_of_a_part_reaches_the_caller_and_the_pool_goes_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (var i = 0; i < 50; i++)
        {
            var failing = new FailingJob { FailingPart = i };
            var exception = Assert.Throws<InvalidOperationException>(() => pool.Run(ref failing, 64));
            Assert.Equal($"part {i}", exception.Message);

            var job = new CountingJob { Counts = new int[64] };
            pool.Run(ref job, 64);
            Assert.Equal(64, job.Total);
        }
    }

    [Fact]
    public void A_job_within_a_part_runs_on_the_same_thread()
    {
        using var pool = new WorkerPool(2);
        var job = new NestedJob { Pool = pool, InnerTotals = new int[8], SameThread = new bool[8] };
        pool.Run(ref job, 8);
        Assert.All(job.InnerTotals, total => Assert.Equal(5, total));
        Assert.All(job.SameThread, Assert.True);
    }

    [Fact]
    public void Callers_on_several_threads_take_turns()
    {
        using var pool = new WorkerPool(2);
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var job = new CountingJob { Counts = new int[5] };
            for (var i = 0; i < 500; i++)
            {
                pool.Run(ref job, 5);
            }

            Assert.Equal(2_500, job.Total);
        })).ToList();
        callers.ForEach(caller => caller.Start());
        Assert.All(callers, caller => Assert.True(caller.Join(TimeSpan.FromMinutes(2)), "A caller waits for ever."));
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        var job = new CountingJob { Counts = new int[64] };
        pool.Run(ref job, 64);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            pool.Run(ref job, 64);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_disposed_pool_has_no_threads_left_and_refuses_work()
    {
        var pool = new WorkerPool(4);
        pool.Dispose();
        pool.Dispose();
        var job = new CountingJob { Counts = new int[1] };
        Assert.Throws<ObjectDisposedException>(() => pool.Run(ref job, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));
    }

    private struct CountingJob : IParallelJob
    {
        public int[] Counts;
        public int Total;

        public void Execute(int part)
        {
            Interlocked.Increment(ref Counts[part]);
            Interlocked.Increment(ref Total);
        }
    }

    private struct MeetingJob : IParallelJob
    {
        public Barrier Barrier;
        public int Met;

        public void Execute(int part)
        {
            if (Barrier.SignalAndWait(TimeSpan.FromSeconds(30)))
            {
                Interlocked.Increment(ref Met);
            }
        }
    }

    private struct FailingJob : IParallelJob
    {
        public int FailingPart;

        public readonly void Execute(int part)
        {
            if (part == FailingPart)
            {
                throw new InvalidOperationException($"part {part}");
            }
        }
    }

    private struct NestedJob : IParallelJob
    {
        public WorkerPool Pool;
        public int[] InnerTotals;
        public bool[] SameThread;

        public readonly void Execute(int part)
        {
            var inner = new ThreadJob { Thread = Environment.CurrentManagedThreadId, Same = true };
            Pool.Run(ref inner, 5);
            InnerTotals[part] = inner.Total;
            SameThread[part] = inner.Same;
        }
    }

    private struct ThreadJob : IParallelJob
    {
        public int Thread;
        public int Total;
        public bool Same;

        public void Execute(int part)
        {
            Total++;
            Same &= Thread == Environment.CurrentManagedThreadId;
        }
    }
}
