using System.Buffers.Binary;
using System.Text;
using Rebound.Files;
using Rebound.Training.Metrics;

namespace Rebound.Training.Tests;

/// <summary>Reads event files back with a decoder of its own: records and CRCs by the bit, protobuf fields by number.</summary>
public sealed class EventFileTests
{
    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0u)]
    public void Checksums_are_those_of_the_standard(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_file_holds_its_version_a_start_and_every_scalar_under_sound_checksums()
    {
        var folder = Directory.CreateTempSubdirectory("rebound-events-");
        using (var file = new EventFile(folder.FullName, firstStep: 300, TimeProvider.System))
        {
            file.Write(300, [("train/loss", 1.25), ("eval/loss_positive", -0.5)]);
            file.Write(70_000, [("train/loss", 0.1)]);
        }

        var path = Assert.Single(Directory.GetFiles(folder.FullName));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(path));
        var events = Records(File.ReadAllBytes(path)).Select(Fields).ToArray();
        folder.Delete(recursive: true);

        Assert.Equal(4, events.Length);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString((byte[])events[0][3].Single()));
        Assert.Equal((300UL, 1UL), ((ulong)events[1][2].Single(), (ulong)Fields((byte[])events[1][7].Single())[1].Single()));
        Assert.Equal([300UL, 70_000UL], events[2..].Select(e => (ulong)e[2].Single()));
        Assert.Equal([("train/loss", 1.25f), ("eval/loss_positive", -0.5f)], Scalars(events[2]));
        Assert.Equal([("train/loss", 0.1f)], Scalars(events[3]));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.All(events, e => Assert.InRange(BitConverter.UInt64BitsToDouble((ulong)e[1].Single()), now - 600, now + 1));
    }

    private static (string, float)[] Scalars(ILookup<int, object> e) =>
    [
        .. Fields((byte[])e[5].Single())[1].Select(value => Fields((byte[])value)).Select(value =>
            (Encoding.UTF8.GetString((byte[])value[1].Single()), BitConverter.UInt32BitsToSingle((uint)(ulong)value[2].Single()))),
    ];

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
            yield return data;
        }
    }

    /// <summary>The CRC by its definition, a bit at a time over the reflected polynomial.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    /// <summary>Field number → values: numbers as they are on the wire, messages and strings as bytes.</summary>
    private static ILookup<int, object> Fields(byte[] message)
    {
        var fields = new List<(int Number, object Value)>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint();
            object value;
            switch (key & 7)
            {
                case 0:
                    value = Varint();
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    value = message[at..(at + length)];
                    at += length;
                    break;
                case 5:
                    value = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7}.");
            }

            fields.Add(((int)(key >> 3), value));

            ulong Varint()
            {
                var result = 0UL;
                for (var shift = 0; ; shift += 7)
                {
                    var part = message[at++];
                    result |= (ulong)(part & 0x7F) << shift;
                    if (part < 0x80)
                    {
                        return result;
                    }
                }
            }
        }

        return fields.ToLookup(field => field.Number, field => field.Value);
    }
}
