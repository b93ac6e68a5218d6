using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rebound.Files;

namespace Rebound.Trajectories.Storage;

/// <summary>A file of rendered data, mapped into memory: all processes that read it share its pages.</summary>
internal sealed unsafe class StoredData
{
    private const int ChecksumPiece = 1 << 26;

    private StoredData(StoredFindings findings, StoredDocuments documents, long bytes) =>
        (Findings, Documents, Bytes) = (findings, documents, bytes);

    /// <summary>The length of the file.</summary>
    public long Bytes { get; }

    public StoredFindings Findings { get; }

    public StoredDocuments Documents { get; }

    /// <summary>Maps a file, and reads it once for its checksum.</summary>
    /// <exception cref="DamagedFileException">It is not whole.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static StoredData Open(string path)
    {
        var length = new FileInfo(path).Length;
        if (length < sizeof(StoredTrailer))
        {
            throw new DamagedFileException(path, $"it has {length} bytes, and {sizeof(StoredTrailer)} are the least");
        }

        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return Read(path, start, length);
        }
        catch (DamagedFileException)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            throw;
        }
    }

    private static StoredData Read(string path, byte* start, long length)
    {
        var content = length - sizeof(StoredTrailer);
        var trailer = MemoryMarshal.Read<StoredTrailer>(new ReadOnlySpan<byte>(start + content, sizeof(StoredTrailer)));
        if (trailer.Format != StoredTrailer.Mark)
        {
            throw new DamagedFileException(path, "it does not end as a file of rendered data does");
        }

        var (numbers, entries) = ((Int128)trailer.Numbers * sizeof(int), (Int128)trailer.Entries * sizeof(DocumentEntry));
        if (long.IsNegative(trailer.Numbers | trailer.Entries | trailer.FindingsBytes)
            || numbers + entries + trailer.FindingsBytes != content)
        {
            throw new DamagedFileException(path, "its parts are not as long as it says");
        }

        var checksum = Crc32C.Start;
        for (var at = 0L; at < content; at += ChecksumPiece)
        {
            checksum = Crc32C.Append(checksum, new ReadOnlySpan<byte>(start + at, (int)Math.Min(ChecksumPiece, content - at)));
        }

        if (Crc32C.End(checksum) != trailer.Checksum)
        {
            throw new DamagedFileException(path, "its checksum is another");
        }

        try
        {
            var findings = StoredFindings.Read(new ReadOnlySpan<byte>(start + content - trailer.FindingsBytes, (int)trailer.FindingsBytes));
            return new StoredData(findings, new StoredDocuments(start, trailer, findings.Names), length);
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, $"what was found is no JSON of it ({e.Message})");
        }
    }
}

/// <summary>A file that can be made again is not whole.</summary>
/// <param name="path">The file.</param>
/// <param name="why">What is wrong with it.</param>
public sealed class DamagedFileException(string path, string why) : Exception($"{path} is damaged: {why}.");
