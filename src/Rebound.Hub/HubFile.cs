namespace Rebound.Hub;

/// <summary>A file of a model on the hub.</summary>
/// <param name="Path">Within the repository, with forward slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Blob">The name of its content: SHA-256 of a large file, Git's SHA-1 of a small one, in hexadecimal digits.</param>
public sealed record HubFile(string Path, long Size, string Blob);
