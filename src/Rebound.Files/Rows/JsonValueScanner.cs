using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Files.Rows;

/// <summary>
/// Cuts a stream into JSON values: the elements of a list, or values one after the other, as JSON lines are. It holds at
/// most twice the bytes of the longest value, and asks no more of a value than where it ends.
/// </summary>
/// <param name="stream">At its beginning, or behind a value of JSON lines.</param>
/// <param name="behind">The place that the stream is at; null for its beginning.</param>
internal sealed class JsonValueScanner(Stream stream, RowPlace? behind = null)
{
    private const int FirstBufferBytes = 1 << 16;

    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    private byte[] _buffer = new byte[FirstBufferBytes];

    /// <summary>The bytes that are read and not yet consumed are from here to <see cref="_end"/>.</summary>
    private int _start;
    private int _end;
    private bool _wholeRead;

    /// <summary>Line of <see cref="_start"/>, counted from 1.</summary>
    private long _line = behind?.Line ?? 1;

    private bool _begun = behind is not null;
    private bool _inList;
    private bool _afterElement;

    /// <summary>Whether the values are those of a list; known once the first was asked for.</summary>
    public bool IsList => _inList;

    /// <summary>Bytes of the file before what is not yet consumed: behind a value that was read, its end.</summary>
    public long Position { get; private set; } = behind?.Offset ?? 0;

    /// <summary>The line of <see cref="Position"/>.</summary>
    public long Line => _line;

    /// <summary>The bytes of the next value, valid until the next call; null at the end.</summary>
    /// <exception cref="FormatException">The next value is not JSON; the message begins with the line.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        if (!_begun)
        {
            await BeginAsync(cancellation);
        }

        var next = await PeekAsync(cancellation);
        if (next is null && !_inList)
        {
            return null;
        }

        if (next == ']' && _inList)
        {
            Consume(1);
            if (await PeekAsync(cancellation) is not null)
            {
                throw Error(_line, "something follows the end of the list.");
            }

            return null;
        }

        if (_afterElement && _inList)
        {
            if (next != ',')
            {
                throw Error(_line, next is null ? "the list is not closed." : $"',' or ']' was expected, not '{(char)next}'.");
            }

            Consume(1);
            await PeekAsync(cancellation);
        }

        var value = await ReadValueAsync(cancellation);
        _afterElement = true;
        return value;
    }

    /// <summary>
    /// After an error in JSON lines: goes on behind the line that the broken value began in. False in a list, which has
    /// no such place.
    /// </summary>
    public async ValueTask<bool> SkipLineAsync(CancellationToken cancellation)
    {
        if (_inList)
        {
            return false;
        }

        int lineEnd;
        while ((lineEnd = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n')) < 0 && !_wholeRead)
        {
            await FillAsync(cancellation);
        }

        Consume(lineEnd < 0 ? _end - _start : lineEnd + 1);
        return true;
    }

    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        _begun = true;
        await FillAsync(cancellation);
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (_buffer.AsSpan(_start.._end).StartsWith(byteOrderMark))
        {
            Consume(byteOrderMark.Length);
        }

        if (StrictJson.IsUtf16(_buffer.AsSpan(_start.._end)))
        {
            throw Error(_line, $"{StrictJson.Utf16}.");
        }

        _inList = await PeekAsync(cancellation) == '[';
        if (_inList)
        {
            Consume(1);
        }
    }

    /// <summary>The next byte that is no white space; null at the end.</summary>
    private async ValueTask<byte?> PeekAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var place = _buffer.AsSpan(_start.._end).IndexOfAnyExcept(" \t\r\n"u8);
            if (place >= 0)
            {
                Consume(place);
                return _buffer[_start];
            }

            Consume(_end - _start);
            if (_wholeRead)
            {
                return null;
            }

            await FillAsync(cancellation);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryReadValue() is { } value)
            {
                return value;
            }

            await FillAsync(cancellation);
        }
    }

    private ReadOnlyMemory<byte>? TryReadValue()
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start.._end), isFinalBlock: _wholeRead, new JsonReaderState(AnyDepth));
        try
        {
            if (!reader.Read() || !reader.TrySkip())
            {
                return null;
            }
        }
        catch (JsonException e)
        {
            throw Error(_line + (e.LineNumber ?? 0), $"{JsonProblem.Sentence(e)}.", e);
        }

        var value = _buffer.AsMemory(_start, (int)reader.BytesConsumed);
        Consume(value.Length);
        return value;
    }

    /// <summary>Reads on, into a larger buffer where what is not yet consumed fills this one.</summary>
    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        var kept = _buffer.AsMemory(_start.._end);
        if (kept.Length == _buffer.Length)
        {
            _buffer = new byte[Math.Min(2L * _buffer.Length, Array.MaxLength)];
        }

        kept.CopyTo(_buffer);
        (_start, _end) = (0, kept.Length);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _wholeRead = read == 0;
    }

    private void Consume(int bytes)
    {
        _line += _buffer.AsSpan(_start, bytes).Count((byte)'\n');
        _start += bytes;
        Position += bytes;
    }

    private static FormatException Error(long line, string problem, Exception? inner = null) =>
        new($"line {line} is not valid JSON: {problem}", inner);
}
