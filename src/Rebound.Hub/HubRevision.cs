namespace Rebound.Hub;

/// <summary>A model on the hub as it is at one time.</summary>
/// <param name="Commit">The commit's 40 hexadecimal digits.</param>
public sealed record HubRevision(string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>Whether the hub says that everybody may see it.</summary>
    public bool IsPublic { get; init; }
}
