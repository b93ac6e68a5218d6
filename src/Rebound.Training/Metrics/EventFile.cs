using System.Buffers.Binary;
using System.Text;
using Rebound.Files;

namespace Rebound.Training.Metrics;

/// <summary>
/// A TensorBoard event file: TFRecords (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details),
/// each an <c>Event</c> message of tensorboard's <c>event.proto</c>. The six fields that scalars need are encoded here
/// by hand (https://protobuf.dev/programming-guides/encoding): generated classes would bring a compiler and a runtime
/// library for them.
/// </summary>
public sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";

    // Field numbers of event.proto and summary.proto, and the value of SessionLog.SessionStatus.START.
    private const int EventWallTime = 1;
    private const int EventStep = 2;
    private const int EventFileVersion = 3;
    private const int EventSummary = 5;
    private const int EventSessionLog = 7;
    private const int SummaryValue = 1;
    private const int ValueTag = 1;
    private const int ValueSimple = 2;
    private const int SessionStatus = 1;
    private const int SessionStart = 1;

    // Wire types.
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    /// <summary>Begins a file in a log folder.</summary>
    /// <param name="firstStep">
    /// The first step that will be written: TensorBoard forgets what earlier files of the folder say from this step on.
    /// </param>
    public EventFile(string folder, int firstStep, TimeProvider time)
    {
        _time = time;
        Directory.CreateDirectory(folder);
        var name = $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds():d10}.rebound.{firstStep}";
        _stream = new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        WriteRecord(Event(0, EventFileVersion, Encoding.UTF8.GetBytes(Version)));
        WriteRecord(Event(firstStep, EventSessionLog, Message(stream => WriteVarint(stream, SessionStatus, SessionStart))));
    }

    /// <summary>Writes scalars of a step through to the file.</summary>
    public void Write(int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        var summary = Message(stream =>
        {
            foreach (var (tag, value) in scalars)
            {
                WriteBytes(stream, SummaryValue, Message(field =>
                {
                    WriteBytes(field, ValueTag, Encoding.UTF8.GetBytes(tag));
                    WriteFloat(field, ValueSimple, (float)value);
                }));
            }
        });
        WriteRecord(Event(step, EventSummary, summary));
    }

    public void Dispose() => _stream.Dispose();

    private byte[] Event(int step, int field, byte[] content) => Message(stream =>
    {
        WriteDouble(stream, EventWallTime, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        WriteVarint(stream, EventStep, (ulong)step);
        WriteBytes(stream, field, content);
    });

    /// <summary>Length, masked CRC of the length, data, masked CRC of the data.</summary>
    private void WriteRecord(byte[] data)
    {
        const int header = sizeof(ulong) + sizeof(uint);
        var record = new byte[header + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Masked(record.AsSpan(0, sizeof(ulong))));
        data.CopyTo(record, header);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(header + data.Length), Masked(data));
        _stream.Write(record);
    }

    /// <summary>Rotated and shifted, so that a CRC over bytes that hold CRCs keeps its strength.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes) => uint.RotateRight(Crc32C.Of(bytes), 15) + 0xA282EAD8;

    private static byte[] Message(Action<MemoryStream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static void WriteVarint(MemoryStream stream, int field, ulong value)
    {
        WriteKey(stream, field, Varint);
        WriteVarint(stream, value);
    }

    private static void WriteBytes(MemoryStream stream, int field, byte[] bytes)
    {
        WriteKey(stream, field, LengthDelimited);
        WriteVarint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteDouble(MemoryStream stream, int field, double value)
    {
        WriteKey(stream, field, Fixed64);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteFloat(MemoryStream stream, int field, float value)
    {
        WriteKey(stream, field, Fixed32);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteKey(MemoryStream stream, int field, int wireType) =>
        WriteVarint(stream, ((ulong)field << 3) | (uint)wireType);

    /// <summary>Seven bits a byte, the lowest first; the top bit says that more follow.</summary>
    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
