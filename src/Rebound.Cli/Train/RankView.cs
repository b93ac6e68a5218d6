using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>A rank that leaves it to rank 0 to talk: when it is asked to stop, it is given the time to save with the others.</summary>
internal sealed class RankView(CommandContext context) : ITrainingObserver, IDisposable
{
    private IDisposable? _saving;

    public void Began(int firstStep, long tokensLeft) => _saving = context.Interruption.Saving();

    public void Dispose()
    {
        _saving?.Dispose();
        _saving = null;
    }
}
