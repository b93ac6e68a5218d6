using Rebound.Engine;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Bench;

/// <summary>Times operations of a GPU that are recorded, so that the host does not hold them up.</summary>
internal sealed class RecordedTiming(CudaBackend backend) : IDisposable
{
    private const int Groups = 5;

    private readonly DriverApi.EventHandle _start = DriverApi.CreateEvent(timed: true);
    private readonly DriverApi.EventHandle _end = DriverApi.CreateEvent(timed: true);

    /// <summary>Seconds of a run among many: the median over groups of them, after one that compiles and chooses.</summary>
    public double Time(int runs, Action operation)
    {
        var times = new float[Groups];
        operation();
        using var recording = backend.Record(() =>
        {
            for (var run = 0; run < runs; run++)
            {
                operation();
            }
        });
        recording.Run();
        for (var group = 0; group < Groups; group++)
        {
            DriverApi.Record(_start, backend.Stream);
            recording.Run();
            DriverApi.Record(_end, backend.Stream);
            DriverApi.Synchronize(_end);
            times[group] = DriverApi.ElapsedMilliseconds(_start, _end);
        }

        return times.Order().ElementAt(Groups / 2) / 1e3 / runs;
    }

    public void Dispose()
    {
        _start.Dispose();
        _end.Dispose();
    }
}
