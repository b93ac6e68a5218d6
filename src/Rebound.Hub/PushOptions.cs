using Rebound.Hub.Cache;

namespace Rebound.Hub;

/// <summary>How files are pushed.</summary>
public sealed record PushOptions
{
    /// <summary>The branch; one that is not there is made, from the repository's first.</summary>
    public string Revision { get; init; } = HubCache.Main;

    /// <summary>The commit's message, in one line.</summary>
    public string Message { get; init; } = "Upload with rebound";

    /// <summary>Whether a repository that is made is private; one that is there has to be, then.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Whether a README.md that is on the hub is replaced.</summary>
    public bool ReplacesCard { get; init; }
}
