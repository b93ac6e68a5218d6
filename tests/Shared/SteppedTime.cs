namespace Rebound.Testing;

/// <summary>Time that passes when a test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    /// <summary>Since the test began.</summary>
    public TimeSpan Passed { get; set; }

    /// <summary>The date that is told.</summary>
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Passed.Ticks;

    public override DateTimeOffset GetUtcNow() => Now;
}
