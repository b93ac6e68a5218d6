using System.Buffers.Binary;
using System.Numerics;

namespace Rebound.Files;

/// <summary>
/// CRC-32C, the Castagnoli polynomial (RFC 3720, section 12.1): checksums of a checkpoint's files and of a TensorBoard
/// file's records.
/// </summary>
public static class Crc32C
{
    private const int FileBufferBytes = 1 << 20;

    /// <summary>The value that a checksum begins with.</summary>
    public const uint Start = uint.MaxValue;

    public static uint Of(ReadOnlySpan<byte> bytes) => End(Append(Start, bytes));

    /// <summary>The checksum of a whole file, read once from the beginning.</summary>
    public static uint OfFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[FileBufferBytes];
        var crc = Start;
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            crc = Append(crc, buffer.AsSpan(0, read));
        }

        return End(crc);
    }

    /// <summary>The checksum of all bytes that were appended.</summary>
    public static uint End(uint crc) => ~crc;

    /// <summary>Goes on with more bytes, from <see cref="Start"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
