using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Models.Protocol;

/// <summary>The pieces of an answer as the events of a stream, written when they are read.</summary>
/// <param name="pieces">Made with the cancellation of the first read.</param>
/// <param name="source">The source of the pieces, closed with this.</param>
internal sealed class ChunkStream(Func<CancellationToken, IAsyncEnumerable<AnswerPiece>> pieces, IDisposable source) : ReadOnlyStream
{
    private IAsyncEnumerator<AnswerPiece>? _pieces;
    private ReadOnlyMemory<byte> _unread;
    private bool _isOver;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _pieces ??= pieces(cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (_unread.IsEmpty && !_isOver)
        {
            _isOver = !await _pieces.MoveNextAsync();
            _unread = _isOver ? "data: [DONE]\n\n"u8.ToArray() : Event(_pieces.Current.ToChunk());
        }

        var length = Math.Min(buffer.Length, _unread.Length);
        _unread[..length].CopyTo(buffer);
        _unread = _unread[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] Event(JsonObject chunk) => [.. "data: "u8, .. JsonSerializer.SerializeToUtf8Bytes(chunk), .. "\n\n"u8];
}
