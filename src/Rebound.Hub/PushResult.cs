namespace Rebound.Hub;

/// <summary>The end of a push.</summary>
/// <param name="Address">The model's page.</param>
/// <param name="Commit">Null where the hub had all files already.</param>
public sealed record PushResult(Uri Address, string? Commit, IReadOnlyList<PushedFile> Files);
