using System.Buffers.Binary;
using System.Text;

namespace Rebound.Fuzz.Mutation;

/// <summary>Spoils a safetensors file: its header as JSON with a length that fits, or its bytes.</summary>
internal sealed class SafetensorsMutator : IMutator
{
    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        if (random.OneIn(3))
        {
            return ByteMutator.Instance.Mutate(seed, seeds, random);
        }

        var (header, data) = Parts(seed);
        var spoilt = JsonMutator.Instance.Mutate(header, [Parts(random.Pick(seeds)).Header], random);
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, spoilt.Length);
        return [.. length, .. spoilt, .. data];
    }

    private static (byte[] Header, byte[] Data) Parts(byte[] file)
    {
        var end = sizeof(long) + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return (Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file[sizeof(long)..end]).TrimEnd()), file[end..]);
    }
}
