using System.Buffers.Binary;
using System.Text;

namespace Rebound.Engine.Collectives.Network;

/// <summary>The failure of a rank as ranks tell it each other.</summary>
internal static class RankFailure
{
    public static byte[] Write(CommunicationException failure)
    {
        var bytes = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(failure.Cause)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, failure.Rank);
        Encoding.UTF8.GetBytes(failure.Cause, bytes.AsSpan(sizeof(int)));
        return bytes;
    }

    public static CommunicationException Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(bytes), Encoding.UTF8.GetString(bytes[sizeof(int)..]));
}
