using System.Diagnostics;
using Rebound.Files.Messages;

namespace Rebound.Cli.Train;

/// <summary>Where the time from a command's start to its first step goes.</summary>
internal sealed class StartClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<string> _parts = [];
    private TimeSpan _last;

    /// <summary>Ends a part, which began where the last one ended.</summary>
    public void Ended(string part)
    {
        var now = Stopwatch.GetElapsedTime(_start);
        _parts.Add($"{part} {DurationText.Of(now - _last)}");
        _last = now;
    }

    /// <summary>All parts and their sum, for people.</summary>
    public string Line() => $"Start     {string.Join(", ", _parts)}: {DurationText.Of(_last)} until the first step was done";
}
