using System.Buffers.Binary;

namespace Rebound.Fuzz.Mutation;

/// <summary>
/// Spoils bytes without knowing what they mean: flips, numbers at the edges of their types, blocks
/// that are cut, repeated or another seed's.
/// </summary>
internal sealed class ByteMutator : IMutator
{
    public static readonly ByteMutator Instance = new();

    private static readonly long[] Edges =
    [
        0, 1, -1, 2, 7, 8, 16, 31, 32, 64, 100, 127, 128, 255, 256, 1024, 4096, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue,
        uint.MaxValue, 1L + uint.MaxValue, 1L << 40, 1L << 53, 1L << 62, long.MaxValue, long.MinValue, long.MaxValue - 7, -8,
    ];

    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        var bytes = seed;
        for (var left = random.Between(1, random.OneIn(4) ? 12 : 3); left > 0; left--)
        {
            bytes = Once(bytes, seeds, random);
        }

        return bytes;
    }

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        // Headers hold the numbers that matter: half of the places are near the beginning.
        var at = random.OneIn(2) ? random.Below(Math.Min(bytes.Length, 256)) : random.Below(bytes.Length);
        var length = Math.Min(random.Length(4096), bytes.Length - at);
        return random.Below(10) switch
        {
            0 => Changed(bytes, copy => copy.AsSpan(at, Math.Min(1, copy.Length)), span => span[0] ^= (byte)(1 << random.Below(8))),
            1 => Changed(bytes, copy => copy.AsSpan(at, Math.Min(1, copy.Length)), span => span[0] = (byte)random.Next()),
            2 or 3 => Number(bytes, at, random),
            4 => Changed(bytes, copy => copy.AsSpan(at, length), span => span.Fill((byte)(random.OneIn(2) ? 0 : 0xFF))),
            5 => bytes[..at],
            6 => [.. bytes[..at], .. bytes[(at + length)..]],
            7 => Repeat(bytes, at, length, random),
            8 => Splice(bytes, at, random.Pick(seeds), random),
            _ => [.. bytes[..at], .. Noise(random), .. bytes[at..]],
        };
    }

    private static byte[] Changed(byte[] bytes, Func<byte[], Span<byte>> part, SpanAction change)
    {
        var copy = (byte[])bytes.Clone();
        var span = part(copy);
        if (span.Length > 0)
        {
            change(span);
        }

        return copy;
    }

    private static byte[] Number(byte[] bytes, int at, FuzzRandom random)
    {
        var size = 1 << random.Below(4);
        var edge = random.Pick(Edges) + random.Between(-1, 1);
        Span<byte> text = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(text, edge);
        var copy = (byte[])bytes.Clone();
        var aligned = random.OneIn(2) ? at : at / size * size;
        text[..Math.Min(size, copy.Length - aligned)].CopyTo(copy.AsSpan(aligned));
        return copy;
    }

    private static byte[] Repeat(byte[] bytes, int at, int length, FuzzRandom random)
    {
        var times = random.Length(FuzzReader.MostBytes / Math.Max(1, length));
        var result = new List<byte>(bytes[..at]);
        for (var i = 0; i < times && result.Count < FuzzReader.MostBytes; i++)
        {
            result.AddRange(bytes.AsSpan(at, length));
        }

        result.AddRange(bytes.AsSpan(at));
        return [.. result];
    }

    private static byte[] Splice(byte[] bytes, int at, byte[] other, FuzzRandom random)
    {
        var from = random.Below(other.Length);
        return random.OneIn(2)
            ? [.. bytes[..at], .. other[from..]]
            : [.. bytes[..at], .. other.AsSpan(from, Math.Min(random.Length(4096), other.Length - from)), .. bytes[at..]];
    }

    private static byte[] Noise(FuzzRandom random)
    {
        var noise = new byte[random.Length(512)];
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)random.Next();
        }

        return noise;
    }

    private delegate void SpanAction(Span<byte> span);
}
