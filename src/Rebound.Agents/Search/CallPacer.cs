namespace Rebound.Agents.Search;

/// <summary>A rate limiter: at most so many calls a second, evenly spaced.</summary>
/// <param name="perSecond">Above zero.</param>
public sealed class CallPacer(double perSecond, TimeProvider time)
{
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / perSecond);
    private readonly Lock _lock = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>Waits for one's turn.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var turn = now > _next ? now : _next;
            _next = turn + _interval;
            wait = turn - now;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellation);
        }
    }
}
