namespace Rebound.Cli.Terminal;

/// <summary>Durations for people.</summary>
internal static class DurationText
{
    public static string Of(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:F1} s",
        { TotalHours: < 1 } => $"{time.Minutes}:{time.Seconds:00} min",
        _ => $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00} h",
    };
}
