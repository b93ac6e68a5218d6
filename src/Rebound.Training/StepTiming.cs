namespace Rebound.Training;

/// <summary>How long the parts of an optimizer step take on this machine.</summary>
/// <param name="SecondsPerToken">Of a forward and backward pass.</param>
/// <param name="SecondsPerUpdate">Of clipping and the optimizer's update.</param>
public sealed record StepTiming(double SecondsPerToken, double SecondsPerUpdate)
{
    /// <summary>The runtime compiles what is called often anew and better: a quick piece of work is repeated until then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long so many tokens and updates take.</summary>
    public TimeSpan Expected(long tokens, int updates) =>
        TimeSpan.FromSeconds((tokens * SecondsPerToken) + (updates * SecondsPerUpdate));

    /// <summary>The least seconds that a piece of work took, in one run or, if it is quick, in all that fit a second.</summary>
    internal static double Least(TimeProvider time, Action work)
    {
        var start = time.GetTimestamp();
        var least = TimeSpan.MaxValue;
        do
        {
            var before = time.GetTimestamp();
            work();
            var took = time.GetElapsedTime(before);
            least = took < least ? took : least;
        }
        while (time.GetElapsedTime(start) < Patience);

        return least.TotalSeconds;
    }
}
