namespace Rebound.Engine.Cuda;

/// <summary>
/// Files that save time the next time: a folder that is missing, full or read-only is as good as an empty one.
/// </summary>
internal sealed class FileCache
{
    private readonly string _folder;

    /// <param name="folder">Null: <c>rebound/cuda</c> in the user's cache folder.</param>
    public FileCache(string? folder)
    {
        var user = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named
            : OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        _folder = folder ?? Path.Combine(user, "rebound", "cuda");
    }

    public byte[]? Read(string name)
    {
        try
        {
            var path = Path.Combine(_folder, name);
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a file whole or not at all, also when other processes write it too.</summary>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            var path = Path.Combine(_folder, name);
            var part = $"{path}.{Environment.ProcessId}.part";
            File.WriteAllBytes(part, content);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next process compiles or measures again.
        }
    }
}
