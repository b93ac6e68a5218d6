using System.IO.Pipelines;
using Rebound.Gateway.Protocols;

namespace Rebound.Gateway.Forwarding;

/// <summary>An answer that is read while it passes: events as they come, everything else at its end.</summary>
internal sealed class AnswerCopy
{
    private readonly IRecordedProtocol _protocol;
    private readonly string _encoding;
    private readonly long? _length;
    private readonly BodyCopy _body;
    private readonly int _mostBytes;
    private readonly StreamEnd? _end;
    private readonly Pipe? _events;
    private readonly Task<Answered>? _reading;
    private long _passed;

    /// <param name="length">Bytes of the body; null where they are not known before.</param>
    public AnswerCopy(IRecordedProtocol protocol, string? mediaType, string encoding, long? length, int mostBytes)
    {
        (_protocol, _encoding, _length, _mostBytes) = (protocol, encoding, length, mostBytes);
        _body = new BodyCopy(mostBytes);
        if (encoding.Length == 0 && mediaType == "text/event-stream")
        {
            _end = protocol.NewEnd();

            // The reader keeps up, and a client is not to wait for it.
            _events = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
            _reading = Task.Run(() => protocol.ReadEventsAsync(_events.Reader.AsStream()));
        }
    }

    /// <summary>Takes the next bytes.</summary>
    /// <returns>Whether the answer ends within them, so that a client need not read on.</returns>
    public async ValueTask<bool> AddAsync(ReadOnlyMemory<byte> bytes)
    {
        _passed += bytes.Length;
        if (_events is null)
        {
            _body.Add(bytes.Span);
            return _passed == _length;
        }

        if (_passed <= _mostBytes)
        {
            await _events.Writer.WriteAsync(bytes);
        }

        return _end!.Feed(bytes.Span);
    }

    /// <summary>The answer, of which all has passed.</summary>
    /// <exception cref="FormatException">It cannot be recorded.</exception>
    /// <exception cref="UnfinishedException">It did not come to its end.</exception>
    public async Task<Answered> EndAsync()
    {
        if (_events is not null)
        {
            await _events.Writer.CompleteAsync();
            var answered = await _reading!;
            return _passed <= _mostBytes ? answered : throw _body.TooLarge();
        }

        using var body = _body.Open(_encoding);
        return body.ReadByte() switch
        {
            // Events that are said to be something else.
            'd' or 'e' or ':' => await _protocol.ReadEventsAsync(Again(body)),
            _ => _protocol.ReadAnswer(_body.ReadObject(_encoding)),
        };
    }

    /// <summary>Nothing more comes, and nobody asks for the answer.</summary>
    public async ValueTask LetGoAsync()
    {
        if (_events is not null)
        {
            await _events.Writer.CompleteAsync();
            await ((Task)_reading!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Stream Again(Stream body)
    {
        body.Position = 0;
        return body;
    }
}
