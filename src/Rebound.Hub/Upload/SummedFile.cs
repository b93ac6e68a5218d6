using System.Security.Cryptography;
using System.Text;

namespace Rebound.Hub.Upload;

/// <summary>A file with what the hub knows contents by.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">In hexadecimal digits.</param>
/// <param name="GitBlob">Git's SHA-1, in hexadecimal digits.</param>
/// <param name="Sample">The first bytes.</param>
/// <param name="Written">When it was last written; null for what is in memory.</param>
internal sealed record SummedFile(PushFile File, long Size, string Sha256, string GitBlob, byte[] Sample, DateTime? Written)
{
    private const int SampleBytes = 512;
    private const int BufferBytes = 1 << 17;

    public string Path => File.Path;

    /// <param name="told">Is told of bytes that were read.</param>
    /// <exception cref="HubException">It cannot be read.</exception>
    public static async Task<SummedFile> OfAsync(PushFile file, Action<long> told, CancellationToken cancellation)
    {
        var written = file.Written();
        await using var content = file.Open();
        try
        {
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5350 // Git names contents so; the name of a content is all that it is here.
            using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
            var size = content.Length;
            sha1.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
            var (buffer, sample) = (new byte[BufferBytes], Array.Empty<byte>());
            for (int read; (read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)) > 0;)
            {
                sample = sample.Length > 0 ? sample : buffer[..Math.Min(read, SampleBytes)];
                sha256.AppendData(buffer, 0, read);
                sha1.AppendData(buffer, 0, read);
                told(read);
            }

            return new SummedFile(
                file, size, Convert.ToHexStringLower(sha256.GetHashAndReset()), Convert.ToHexStringLower(sha1.GetHashAndReset()), sample,
                written);
        }
        catch (Exception e) when (e is IOException and not HubException)
        {
            throw file.Unreadable(e);
        }
    }

    /// <summary>Whether a content on the hub is this one.</summary>
    public bool IsBlob(string blob) => blob == Sha256 || blob == GitBlob;

    /// <exception cref="HubException">It is another one by now.</exception>
    public void CheckUnchanged()
    {
        if (File.Length() != Size || File.Written() != Written)
        {
            throw new HubException($"{File.Source} changed while it was pushed: push again when it is whole.");
        }
    }
}
