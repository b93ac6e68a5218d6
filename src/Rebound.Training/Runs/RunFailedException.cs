using Rebound.Engine.Collectives;
using Rebound.Training.Checkpoints;

namespace Rebound.Training.Runs;

/// <summary>
/// A run failed after it had begun: it diverged, a file could not be written, or another rank ended. The inner exception says why.
/// </summary>
public sealed class RunFailedException : Exception
{
    private RunFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The newest whole checkpoint; null for none.</summary>
    public string? Checkpoint { get; private init; }

    /// <summary>Whether the run, as it is, can go on from there: the disk was the reason, not the numbers.</summary>
    public bool CanResume { get; private init; }

    internal static RunFailedException Of(Exception failure, RunFolder run)
    {
        var checkpoint = run.Checkpoints.NewestWhole();
        var rescue = checkpoint is null ? "No checkpoint had been saved." : $"{checkpoint} is whole.";
        return new RunFailedException($"{failure.Message} {rescue}", failure)
        {
            Checkpoint = checkpoint,
            CanResume = failure is IOException or CommunicationException or { InnerException: IOException },
        };
    }
}
