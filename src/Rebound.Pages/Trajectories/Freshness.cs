using Rebound.Trajectories.Browsing;

namespace Rebound.Pages.Trajectories;

/// <summary>Lets a page show what files hold now, without waiting for long reading.</summary>
internal static class Freshness
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks at the files; what takes longer is shown the next time.</summary>
    public static async Task OfAsync(TrajectoryLibrary library, CancellationToken cancellation)
    {
        try
        {
            await library.Look().WaitAsync(Longest, cancellation);
        }
        catch (TimeoutException)
        {
            // It goes on in the background.
        }
    }
}
