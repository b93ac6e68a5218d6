namespace Rebound.Server.Telemetry;

/// <summary>How many values were at most each of some bounds, and their sum, counted from any thread.</summary>
internal sealed class HistogramCounts(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Add(double value)
    {
        var place = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _counts[place >= 0 ? place : ~place]);
        double before;
        do
        {
            before = Volatile.Read(ref _sum);
        }
        while (Interlocked.CompareExchange(ref _sum, before + value, before) != before);
    }

    public void Write(PrometheusText text, string name, string model)
    {
        var below = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            below += Interlocked.Read(ref _counts[i]);
            text.Value(
                $"{name}_bucket", below, ("model_name", model),
                ("le", PrometheusText.Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity)));
        }

        text.Value($"{name}_sum", Volatile.Read(ref _sum), ("model_name", model));
        text.Value($"{name}_count", below, ("model_name", model));
    }
}
