namespace Rebound.Testing;

/// <summary>A file with the given text, deleted at the end.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text, string extension = ".json")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"rebound-{Guid.NewGuid():N}{extension}");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
