using Rebound.Engine.Collectives;

namespace Rebound.Cli.Ranks;

/// <summary>
/// Ends this process when another rank has failed and the work here does not come to a collective that would tell it so.
/// </summary>
internal sealed class FailureWatch : IDisposable
{
    /// <summary>The time that the work is given to end by itself, with what it wants to keep.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly ManualResetEventSlim _isOver = new();
    private readonly CancellationTokenRegistration _failed;

    /// <param name="tell">Says the failure before the process ends.</param>
    public FailureWatch(Communicator ranks, Action<CommunicationException> tell) =>
        _failed = ranks.Failed.Register(() => new Thread(() => Watch(ranks, tell)) { IsBackground = true }.Start());

    /// <summary>The work has ended.</summary>
    public void IsOver() => _isOver.Set();

    public void Dispose()
    {
        _isOver.Set();
        _failed.Dispose();
    }

    private void Watch(Communicator ranks, Action<CommunicationException> tell)
    {
        if (!_isOver.Wait(Patience))
        {
            tell(ranks.Failure!);
            Environment.Exit(ExitCode.Failed);
        }
    }
}
