namespace Rebound.Hub;

/// <summary>A file that is to be on the hub.</summary>
public sealed class PushFile
{
    private readonly Func<Stream> _open;

    private PushFile(string path, Func<Stream> open, string? source) => (Path, _open, Source) = (path, open, source);

    /// <summary>Within the repository, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>The file on the disk; null for what was made in memory.</summary>
    public string? Source { get; }

    /// <summary>A file of the disk, which is read while it is pushed.</summary>
    public static PushFile OfFile(string path, string file) => new(
        path, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan), file);

    /// <summary>A content that is in memory.</summary>
    public static PushFile OfBytes(string path, byte[] content) =>
        new(path, () => new MemoryStream(content, writable: false), source: null);

    /// <summary>Opens the content, from its beginning; it can be read from any place.</summary>
    /// <exception cref="HubException">It cannot be read.</exception>
    public Stream Open()
    {
        try
        {
            return _open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Bytes of the content now.</summary>
    /// <exception cref="HubException">It cannot be read.</exception>
    public long Length()
    {
        using var content = Open();
        return content.Length;
    }

    /// <summary>When the file was last written; null for what is in memory.</summary>
    internal DateTime? Written() => Source is null ? null : File.GetLastWriteTimeUtc(Source);

    internal HubException Unreadable(Exception e) => new($"{Source ?? Path} cannot be read: {e.Message.TrimEnd('.')}.");
}
