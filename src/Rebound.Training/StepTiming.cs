using Rebound.Engine.Collectives;

namespace Rebound.Training;

/// <summary>The durations of the parts of an optimizer step on this machine.</summary>
/// <param name="SecondsPerToken">Of a forward and backward pass, for the tokens of all ranks together.</param>
/// <param name="SecondsPerUpdate">Of clipping and the optimizer's update, and of giving all ranks its result.</param>
public sealed record StepTiming(double SecondsPerToken, double SecondsPerUpdate)
{
    /// <summary>
    /// The first pass waits for code to be compiled and memory to be given, and what is called often is compiled again and
    /// better: work is repeated for so long, and at least once more if it is not slow.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);

    /// <summary>The expected duration of a number of tokens and updates.</summary>
    public TimeSpan Expected(long tokens, int updates) =>
        TimeSpan.FromSeconds((tokens * SecondsPerToken) + (updates * SecondsPerUpdate));

    /// <summary>The expected duration of a forward pass alone, which is a third of the arithmetic.</summary>
    public TimeSpan ExpectedForward(long tokens) => TimeSpan.FromSeconds(tokens * SecondsPerToken / 3);

    /// <summary>The least seconds that a piece of work took in a few runs, as many on every rank.</summary>
    /// <param name="ranks">Those that do it together; null for the only one.</param>
    internal static double Least(TimeProvider time, Action work, Communicator? ranks = null)
    {
        var start = time.GetTimestamp();
        var least = Once();
        if (All(least < Slow))
        {
            do
            {
                var took = Once();
                least = took < least ? took : least;
            }
            while (All(time.GetElapsedTime(start) < Patience));
        }

        return least.TotalSeconds;

        bool All(bool again) => ranks is null ? again : ranks.Sum(again ? 1 : 0) == ranks.Size;

        TimeSpan Once()
        {
            var before = time.GetTimestamp();
            work();
            return time.GetElapsedTime(before);
        }
    }
}
