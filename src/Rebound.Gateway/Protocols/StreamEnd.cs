namespace Rebound.Gateway.Protocols;

/// <summary>
/// Finds, in the bytes of server-sent events as they pass, the event after which a client need not read on. It looks at the beginnings of
/// lines alone, as what an answer says stands within them.
/// </summary>
/// <param name="marks">Beginnings of lines that are the end.</param>
/// <param name="lastEvents">Lines that name the last event, which ends with an empty line.</param>
internal sealed class StreamEnd(string[] marks, string[] lastEvents)
{
    private const int MostLineBytes = 64;

    private readonly byte[] _line = new byte[MostLineBytes];
    private int _length;
    private bool _isInLast;

    /// <summary>Whether the byte before ended a line, and may be the first of the two that end it.</summary>
    private bool _isAfterReturn;

    /// <summary>Whether the end has passed.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Looks at the next bytes; true if the end lies within them, or before them.</summary>
    public bool Feed(ReadOnlySpan<byte> bytes)
    {
        while (!IsReached && bytes.Length > 0)
        {
            if (_isAfterReturn && bytes[0] == '\n')
            {
                bytes = bytes[1..];
            }

            _isAfterReturn = false;
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            var part = end < 0 ? bytes : bytes[..end];
            var kept = part[..Math.Min(part.Length, MostLineBytes - _length)];
            kept.CopyTo(_line.AsSpan(_length));
            _length += kept.Length;
            IsReached |= marks.Any(mark => StartsWith(_line.AsSpan(0, _length), mark));
            if (end < 0)
            {
                break;
            }

            EndLine();
            _isAfterReturn = bytes[end] == '\r';
            bytes = bytes[(end + 1)..];
        }

        return IsReached;
    }

    private void EndLine()
    {
        _isInLast |= lastEvents.Any(name => name.Length == _length && StartsWith(_line, name));
        IsReached |= _isInLast && _length == 0;
        _length = 0;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i >= line.Length || line[i] != text[i])
            {
                return false;
            }
        }

        return true;
    }
}
