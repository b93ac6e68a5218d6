namespace Rebound.Agents;

/// <summary>
/// A stream from another program, read up to a bound, so that a line or a message without end is an error before it fills the memory.
/// It owns the inner stream.
/// </summary>
/// <param name="bound">Bytes of a line, or of all.</param>
/// <param name="linewise">Whether every line may be as long as the bound; else all of it together may.</param>
/// <param name="sender">Who sends it, for the message, for example <c>the server's answer</c>.</param>
internal sealed class BoundedStream(Stream inner, long bound, bool linewise, string sender) : ReadOnlyStream
{
    private long _read;

    /// <summary>The error of exceeding the bound; null while it was not exceeded.</summary>
    public InvalidDataException? Excess { get; private set; }

    /// <exception cref="InvalidDataException">The bound is passed.</exception>
    public override int Read(Span<byte> buffer) => Count(buffer, inner.Read(buffer));

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await inner.ReadAsync(buffer, cancellationToken);
        return Count(buffer.Span, length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private int Count(ReadOnlySpan<byte> buffer, int length)
    {
        var lineEnd = linewise ? buffer[..length].LastIndexOf((byte)'\n') : -1;
        _read = lineEnd < 0 ? _read + length : length - lineEnd - 1;
        if (_read > bound)
        {
            Excess = new InvalidDataException(
                $"{sender} is longer than {bound >> 20} MiB{(linewise ? " without the end of a line" : "")}.");

            // Whoever reads may forget to: what is behind the bound would wait for him with its connection.
            inner.Dispose();
            throw Excess;
        }

        return length;
    }
}
