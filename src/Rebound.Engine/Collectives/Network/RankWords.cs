using System.Text;

namespace Rebound.Engine.Collectives.Network;

/// <summary>The bytes of what ranks say to each other before they are let in.</summary>
internal static class RankWords
{
    public static byte[] Write(Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }

        return bytes.ToArray();
    }

    /// <param name="problem">The message where the bytes are others.</param>
    /// <exception cref="InvalidDataException">They are, or <paramref name="read"/> says so.</exception>
    public static T Read<T>(ReadOnlySpan<byte> payload, Func<BinaryReader, T> read, string problem)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(payload.ToArray()), Encoding.UTF8);
            return read(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException(problem, e);
        }
    }
}
