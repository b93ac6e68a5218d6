namespace Rebound.Hub;

/// <summary>A file of a push.</summary>
/// <param name="Path">Within the repository, with forward slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsLarge">Whether its content goes to the hub's storage, and not into the commit.</param>
public sealed record PushedFile(string Path, long Size, PushState State, bool IsLarge);
