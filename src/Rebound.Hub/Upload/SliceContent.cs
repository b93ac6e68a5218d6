using System.Net;

namespace Rebound.Hub.Upload;

/// <summary>A part of a file as the body of a request.</summary>
/// <param name="start">Bytes before it.</param>
/// <param name="length">Bytes of it.</param>
/// <param name="told">Is told of bytes that were sent.</param>
internal sealed class SliceContent(PushFile file, long start, long length, Action<long> told) : HttpContent
{
    private const int BufferBytes = 1 << 17;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var content = file.Open();
        content.Position = start;
        var buffer = new byte[Math.Min(BufferBytes, Math.Max(1, length))];
        for (var left = length; left > 0;)
        {
            var wanted = (int)Math.Min(buffer.Length, left);
            var read = await ReadAsync(content, buffer.AsMemory(0, wanted), cancellationToken);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
            told(read);
        }
    }

    protected override bool TryComputeLength(out long length1)
    {
        length1 = length;
        return true;
    }

    private async Task<int> ReadAsync(Stream content, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellation) is var read and > 0 ? read
                : throw new EndOfStreamException("it is shorter than it was");
        }
        catch (Exception e) when (e is IOException)
        {
            throw file.Unreadable(e);
        }
    }
}
