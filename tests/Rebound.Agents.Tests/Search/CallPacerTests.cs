using Rebound.Agents.Search;

namespace Rebound.Agents.Tests.Search;

public sealed class CallPacerTests
{
    [Fact]
    public void Calls_wait_for_their_turn()
    {
        var pacer = new CallPacer(2, new StoppedTime());

        var turns = Enumerable.Range(0, 4).Select(_ => pacer.WaitAsync(CancellationToken.None)).ToArray();

        Assert.True(turns[0].IsCompletedSuccessfully);
        Assert.All(turns[1..], turn => Assert.False(turn.IsCompleted));
        Assert.Equal([500, 1000, 1500], StoppedTime.Waits);
    }

    private sealed class StoppedTime : TimeProvider
    {
        public static readonly List<int> Waits = [];

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add((int)dueTime.TotalMilliseconds);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
