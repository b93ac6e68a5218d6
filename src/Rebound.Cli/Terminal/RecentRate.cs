namespace Rebound.Cli.Terminal;

/// <summary>How fast a count grows: over the last seconds, not since the beginning.</summary>
internal sealed class RecentRate
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100);

    private readonly Queue<(TimeSpan At, long Count)> _samples = new([(TimeSpan.Zero, 0L)]);
    private TimeSpan _newest;

    /// <summary>Takes the count at a moment.</summary>
    /// <param name="now">Since the beginning, when it was 0.</param>
    /// <returns>By how much it grew a second; 0 at the very beginning.</returns>
    public double At(TimeSpan now, long count)
    {
        if (now - _newest >= Apart)
        {
            _samples.Enqueue((now, count));
            _newest = now;
        }

        // The oldest is the last one from before the window, so that there is one however seldom counts come.
        while (_samples.Count > 2 && now - _samples.ElementAt(1).At >= Window)
        {
            _samples.Dequeue();
        }

        var (at, before) = _samples.Peek();
        return now > at ? (count - before) / (now - at).TotalSeconds : 0;
    }

    /// <summary>A rate for people, for example <c>7.5 tokens/s</c> or <c>1,200 tokens/s</c>.</summary>
    public static string Text(double rate) => $"{rate.ToString(rate < 10 ? "0.#" : "N0")} tokens/s";
}
