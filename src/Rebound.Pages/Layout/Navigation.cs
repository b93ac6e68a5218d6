namespace Rebound.Pages.Layout;

/// <summary>The places that there is something to see at.</summary>
public sealed class Navigation(PagesOptions options)
{
    public IReadOnlyList<NavigationEntry> Entries { get; } = [.. Of(options)];

    private static IEnumerable<NavigationEntry> Of(PagesOptions options)
    {
        yield return new NavigationEntry("/", "Chat");
        if (options.Data.Count > 0)
        {
            yield return new NavigationEntry("/trajectories", "Trajectories");
        }

        if (options.Runs.Count > 0)
        {
            yield return new NavigationEntry("/runs", "Runs");
        }
    }
}
