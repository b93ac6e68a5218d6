using Rebound.Server;

namespace Rebound.Pages.Layout;

/// <summary>The places that there is something to see at.</summary>
public sealed class Navigation(PagesOptions options, IServerView server)
{
    public IReadOnlyList<NavigationEntry> Entries { get; } = [.. Of(options, server.Options.HasModel)];

    private static IEnumerable<NavigationEntry> Of(PagesOptions options, bool chats)
    {
        if (chats)
        {
            yield return new NavigationEntry("/", "Chat");
        }

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
