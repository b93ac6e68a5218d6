namespace Rebound.Files.Messages;

/// <summary>Durations for people, everywhere in the same form: <c>0.4 s</c>, <c>42 s</c>, <c>5 min 16 s</c>, <c>2 h 5 min</c>.</summary>
public static class DurationText
{
    public static string Of(TimeSpan time)
    {
        if (time.TotalSeconds < 9.95)
        {
            return $"{time.TotalSeconds:0.0} s";
        }

        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} min {seconds % 60} s",
            _ => $"{seconds / 3600} h {seconds % 3600 / 60} min",
        };
    }
}
