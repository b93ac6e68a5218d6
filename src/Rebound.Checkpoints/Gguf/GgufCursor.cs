using System.Text;

namespace Rebound.Checkpoints.Gguf;

/// <summary>Reads a GGUF header value by value; nothing is allocated for a length that the file cannot hold.</summary>
internal unsafe ref struct GgufCursor
{
    /// <summary>Longest string and array believed; the largest vocabularies have some hundred thousand entries.</summary>
    private const int MaxStringBytes = 16 << 20;
    private const int MaxArrayLength = 16 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte* _start;
    private readonly long _length;
    private readonly string _path;

    public GgufCursor(MappedWindow window, string path)
    {
        _start = window.Start;
        _length = window.Length;
        _path = path;
    }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    public readonly long Remaining => _length - Position;

    /// <summary>The first bytes of the file.</summary>
    public readonly ReadOnlySpan<byte> Beginning => new(_start, (int)Math.Min(_length, ForeignFile.BytesToLookAt));

    /// <summary>One little-endian number.</summary>
    public T Read<T>(string what)
        where T : unmanaged
    {
        if (Remaining < sizeof(T))
        {
            throw Bad($"The file is incomplete: it ends after {_length} bytes, within {what}. Get it again.");
        }

        var value = *(T*)(_start + Position);
        Position += sizeof(T);
        return value;
    }

    /// <summary>Eight bytes of length, then UTF-8.</summary>
    public string ReadString(string what)
    {
        var length = Read<ulong>(what);
        if (length > (ulong)Math.Min(Remaining, MaxStringBytes))
        {
            throw Bad(length > MaxStringBytes
                ? $"{what} claims {length} bytes; at most {MaxStringBytes} are read."
                : $"{what} claims {length} bytes, and the file ends {Remaining} bytes later, after {_length}: it is incomplete, or "
                    + "damaged. Get it again.");
        }

        try
        {
            var text = StrictUtf8.GetString(_start + Position, (int)length);
            Position += (long)length;
            return text;
        }
        catch (DecoderFallbackException exception)
        {
            throw new CheckpointException(_path, null, $"{what} is not valid UTF-8.", exception);
        }
    }

    /// <summary>An array's length, which must fit into what is left of the file.</summary>
    public int ReadLength(int elementBytes, string what)
    {
        var length = Read<ulong>(what);
        var limit = Math.Min(Remaining / elementBytes, MaxArrayLength);
        return length <= (ulong)limit
            ? (int)length
            : throw Bad(length > MaxArrayLength
                ? $"{what} claims {length} entries; at most {MaxArrayLength} are read."
                : $"{what} claims {length} entries, and the file has room for {limit} before it ends after {_length} bytes: it is "
                    + "incomplete, or damaged. Get it again.");
    }

    public readonly CheckpointException Bad(string problem) => new(_path, null, problem);
}
