using System.Diagnostics;
using System.Text.Json;

namespace Rebound.Fuzz.Judging;

/// <summary>
/// Reads one input after the other in a process of its own and writes what it finds to standard output, a line of JSON each. An input that
/// takes too long or too much memory ends the process, which another one then takes over from.
/// </summary>
internal sealed class Worker
{
    /// <summary>How a worker ends when a finding of its own ends it.</summary>
    public const int StoppedByInput = 3;

    /// <summary>The least stack that .NET gives a thread on any of its systems: what fits here fits everywhere.</summary>
    private const int StackBytes = 1536 * 1024;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly FuzzReader _reader;
    private readonly long _seed;
    private readonly WorkerState _state;
    private readonly Lock _output = new();

    /// <summary>When the input that is being read was begun; 0 between two.</summary>
    private long _begun;
    private TimeSpan _workBefore;
    private long _memoryBefore;

    private Worker(FuzzReader reader, long seed, WorkerState state) => (_reader, _seed, _state) = (reader, seed, state);

    /// <summary>Reads the inputs from one number up to, not including, another.</summary>
    public static void Run(FuzzReader reader, long seed, long first, long end, string statePath)
    {
        using var state = new WorkerState(statePath);
        var worker = new Worker(reader, seed, state);
        var reading = new Thread(() => worker.Read(first, end), StackBytes);
        var looking = new Thread(worker.Look) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        looking.Start();
        reading.Start();
        reading.Join();
    }

    private void Read(long first, long end)
    {
        using var bench = new Workbench();
        var seeds = _reader.Seeds(bench);
        var read = _reader.Open(bench);
        for (var index = first; index < end; index++)
        {
            _state.Index = index;
            var input = FuzzReader.Input(_reader, seeds, _seed, index);
            bench.NextInput();
            _memoryBefore = Environment.WorkingSet;
            var allocated = GC.GetTotalAllocatedBytes();
            _workBefore = Environment.CpuUsage.TotalTime;
            Volatile.Write(ref _begun, Stopwatch.GetTimestamp());
            var thrown = Try(read, input);
            Volatile.Write(ref _begun, 0);
            Count(index, Environment.CpuUsage.TotalTime - _workBefore, GC.GetTotalAllocatedBytes() - allocated);
            JudgeInput(index, index < seeds.Count, thrown, bench.Refusals);
        }
    }

#pragma warning disable CA1031 // Which exceptions may come is what is judged.
    private static Exception? Try(Action<byte[]> read, byte[] input)
    {
        try
        {
            read(input);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
#pragma warning restore CA1031

    private void JudgeInput(long index, bool isSeed, Exception? thrown, IReadOnlyList<string> refusals)
    {
        if (thrown is null && refusals.Count == 0)
        {
            _state.Accepted++;
            return;
        }

        _state.Refused++;
        if (isSeed)
        {
            Tell(index, Fault.RefusedSeed, thrown is null ? "" : Judge.PlaceOf(thrown), thrown?.ToString() ?? refusals[0]);
        }

        if (thrown is not null && Judge.Of(thrown) is { } fault)
        {
            Tell(index, fault.Fault, fault.Place, fault.Detail);
        }

        foreach (var refusal in refusals)
        {
            if (Judge.OfSentence(refusal) is { } flaw)
            {
                Tell(index, Fault.Words, flaw, refusal);
            }
        }
    }

    private void Count(long index, TimeSpan work, long allocated)
    {
        var microseconds = (long)work.TotalMicroseconds;
        if (microseconds > _state.Slowest)
        {
            (_state.Slowest, _state.SlowestIndex) = (microseconds, index);
        }

        if (allocated > _state.Largest)
        {
            (_state.Largest, _state.LargestIndex) = (allocated, index);
        }
    }

    /// <summary>Ends the process when an input takes too long or too much.</summary>
    private void Look()
    {
        while (true)
        {
            Thread.Sleep(LookEvery);
            if (Volatile.Read(ref _begun) is not (not 0 and var begun))
            {
                continue;
            }

            var memory = Environment.WorkingSet - _memoryBefore;
            if (memory > _state.Held)
            {
                (_state.Held, _state.HeldIndex) = (memory, _state.Index);
            }

            if (memory > _reader.MostMemory)
            {
                Stop(Fault.Memory, $"{memory >> 20} MiB");
            }
            else if (Environment.CpuUsage.TotalTime - _workBefore > Judge.MostWork)
            {
                Stop(Fault.Hang, $"more than {Judge.MostWork.TotalSeconds} s of work");
            }
            else if (Stopwatch.GetElapsedTime(begun) > Judge.Patience)
            {
                Stop(Fault.Hang, $"more than {Judge.Patience.TotalSeconds} s by the clock");
            }
        }
    }

    private void Stop(Fault fault, string detail)
    {
        Tell(_state.Index, fault, "", detail);
        Environment.Exit(StoppedByInput);
    }

    private void Tell(long index, Fault fault, string place, string detail)
    {
        lock (_output)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new Finding(_reader.Name, index, fault, place, Shortened(detail))));
            Console.Out.Flush();
        }
    }

    private static string Shortened(string text) => text.Length <= 1_000 ? text : $"{text[..1_000]}…";
}
