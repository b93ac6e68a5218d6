using System.Diagnostics;

namespace Rebound.Bench.LlamaCpp;

/// <summary>A moment by the clock and by the process's processor time.</summary>
internal readonly record struct Lap(double Clock, double Processor)
{
    public static Lap Now => new(
        Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency, Environment.CpuUsage.TotalTime.TotalSeconds);

    public static Lap operator -(Lap end, Lap start) => new(end.Clock - start.Clock, end.Processor - start.Processor);

    public static Lap operator /(Lap lap, double count) => new(lap.Clock / count, lap.Processor / count);
}
