using Rebound.Engine;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Bench;

/// <summary>
/// A CUDA backend whose operations can be timed where they run, between two events of its stream, each beside the bytes
/// it has to move and the arithmetic it has to do.
/// </summary>
internal sealed partial class TimedBackend(CudaBackend inner) : PassThroughBackend(inner)
{
    /// <summary>Rows or columns of what is taken for an adapter: three of rank 64 beside one matrix.</summary>
    private const int WidestAdapter = 192;

    private readonly CudaBackend _cuda = inner;
    private readonly Stack<DriverApi.EventHandle> _spare = new();
    private readonly List<Timing> _timings = [];

    /// <summary>Whether operations are being timed.</summary>
    public bool IsTiming { get; set; }

    /// <summary>Kernels compiled and algorithms measured: what only a first step on a machine pays for.</summary>
    public int Preparations => _cuda.CompiledModules + _cuda.MeasuredProducts;

    /// <summary>What was timed since the last call, summed by family, the longest first.</summary>
    public IReadOnlyList<FamilyTime> TakeTimes()
    {
        _cuda.Synchronize();
        var families = _timings.GroupBy(timing => timing.Family)
            .Select(family => new FamilyTime(
                family.Key, family.Count(), family.Sum(t => DriverApi.ElapsedMilliseconds(t.Start, t.End)),
                family.Sum(t => t.FloorMilliseconds)))
            .OrderByDescending(family => family.Milliseconds)
            .ToArray();
        foreach (var timing in _timings)
        {
            _spare.Push(timing.Start);
            _spare.Push(timing.End);
        }

        _timings.Clear();
        return families;
    }

    public override void Dispose()
    {
        foreach (var spare in _spare)
        {
            spare.Dispose();
        }

        base.Dispose();
    }

    private static double Bytes(params ReadOnlySpan<Tensor> tensors)
    {
        var sum = 0.0;
        foreach (var tensor in tensors)
        {
            sum += tensor.IsEmpty ? 0 : BytesOf(tensor);
        }

        return sum;
    }

    private static double BytesOf(Tensor tensor) =>
        tensor.Parts is { } parts ? parts.Parts.Sum(BytesOf) : tensor.DType.BytesOf(tensor.Count);

    /// <summary>Times what happens until the result is disposed of.</summary>
    private Scope Time(string family, double bytes, double flops = 0)
    {
        if (!IsTiming)
        {
            return default;
        }

        var start = NewEvent();
        DriverApi.Record(start, _cuda.Stream);
        return new Scope(this, new Timing(family, start, NewEvent(), 1e3 * Ceilings.Floor(bytes, flops)));
    }

    private DriverApi.EventHandle NewEvent() => _spare.TryPop(out var spare) ? spare : DriverApi.CreateEvent(timed: true);

    private readonly record struct Timing(string Family, DriverApi.EventHandle Start, DriverApi.EventHandle End, double FloorMilliseconds);

    private readonly struct Scope(TimedBackend? backend, Timing timing) : IDisposable
    {
        public void Dispose()
        {
            if (backend is not null)
            {
                DriverApi.Record(timing.End, backend.Stream);
                backend._timings.Add(timing);
            }
        }
    }

    private DriverApi.StreamHandle Stream => _cuda.Stream;
}

/// <summary>The time of one family of operations in a step.</summary>
/// <param name="FloorMilliseconds">What its bytes or its arithmetic take at the measured ceilings.</param>
internal sealed record FamilyTime(string Family, int Calls, double Milliseconds, double FloorMilliseconds);

/// <summary>What an H200 reached here in what it does best.</summary>
internal static class Ceilings
{
    /// <summary>Bytes read and written per second by a copy within its memory.</summary>
    public const double BytesPerSecond = 4.3e12;

    /// <summary>Operations per second of an 8192³ product of random bf16.</summary>
    public const double FlopsPerSecond = 790e12;

    /// <summary>The data sheet's, which shares of peak refer to everywhere.</summary>
    public const double DataSheetFlopsPerSecond = 989e12;

    /// <summary>Seconds that work takes at least.</summary>
    public static double Floor(double bytes, double flops) => Math.Max(bytes / BytesPerSecond, flops / FlopsPerSecond);
}
