using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Rebound.Engine.Collectives.Network;

/// <summary>
/// A TCP connection to another rank, of frames. Any thread may send; one receives. Failures are <see cref="IOException"/>, or
/// <see cref="InvalidDataException"/> where the other side does not speak as ranks do.
/// </summary>
internal sealed class PeerConnection : IDisposable
{
    /// <summary>Frames up to this size are sent by one call.</summary>
    private const int SmallFrame = 8 << 10;

    private readonly Socket _socket;
    private readonly Lock _sending = new();
    private readonly byte[] _small = new byte[SmallFrame];
    private int _wasHeard;

    /// <param name="socket">Connected; the connection owns it.</param>
    public PeerConnection(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    /// <summary>The other side, for people.</summary>
    public string Address => $"{_socket.RemoteEndPoint}";

    /// <summary>Whether something was received since this was asked last.</summary>
    public bool TakeHeard() => Interlocked.Exchange(ref _wasHeard, 0) != 0;

    /// <summary>Sends a frame whole; waits where the other side does not read.</summary>
    /// <param name="head">The payload's first bytes.</param>
    /// <param name="rest">And those behind them.</param>
    public void Send(FrameKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest = default)
    {
        lock (_sending)
        {
            SendLocked(kind, head, rest);
        }
    }

    /// <summary>Sends a short frame unless another one is on its way, or the other side has not read for long.</summary>
    /// <param name="patience">How long to wait for a frame that is on its way.</param>
    public void TrySend(FrameKind kind, ReadOnlySpan<byte> payload, TimeSpan patience)
    {
        if (!_sending.TryEnter(patience))
        {
            return;
        }

        try
        {
            if (_socket.Poll(0, SelectMode.SelectWrite))
            {
                SendLocked(kind, payload, []);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Whoever receives from this connection finds it closed, and says so.
        }
        finally
        {
            _sending.Exit();
        }
    }

    /// <summary>The next frame; the caller disposes it. Null where the other side closed the connection between frames.</summary>
    /// <param name="mostBytes">A longer one is refused.</param>
    public Frame? Receive(int mostBytes = int.MaxValue)
    {
        Span<byte> header = stackalloc byte[Frame.HeaderBytes];
        if (!Fill(header, mayEnd: true))
        {
            return null;
        }

        var (kind, length) = ((FrameKind)header[0], BinaryPrimitives.ReadInt32LittleEndian(header[1..]));
        if (!Enum.IsDefined(kind) || length < 0 || length > mostBytes)
        {
            throw new InvalidDataException($"{Address} does not speak as a rank does.");
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        Fill(buffer.AsSpan(0, length), mayEnd: false);
        return new Frame(kind, buffer, length);
    }

    /// <summary>Whether something can be received, or the connection has ended, within a time.</summary>
    public bool AwaitsReading(TimeSpan patience) => _socket.Poll(patience, SelectMode.SelectRead);

    /// <summary>Whether the other side has ended it, with nothing left to be received.</summary>
    public bool IsEnded => _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;

    /// <summary>Sends no more; what the other side sends is still received.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }

    /// <summary>Closes it; threads that send or receive get an exception.</summary>
    public void Dispose() => _socket.Dispose();

    private void SendLocked(FrameKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        var length = checked(head.Length + rest.Length);
        _small[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(_small.AsSpan(1), length);
        if (Frame.HeaderBytes + length <= SmallFrame)
        {
            head.CopyTo(_small.AsSpan(Frame.HeaderBytes));
            rest.CopyTo(_small.AsSpan(Frame.HeaderBytes + head.Length));
            SendBytes(_small.AsSpan(0, Frame.HeaderBytes + length));
            return;
        }

        SendBytes(_small.AsSpan(0, Frame.HeaderBytes));
        SendBytes(head);
        SendBytes(rest);
    }

    private void SendBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[_socket.Send(bytes)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>False where the connection ends before the first byte and may.</summary>
    private bool Fill(Span<byte> bytes, bool mayEnd)
    {
        var isFirst = true;
        while (bytes.Length > 0)
        {
            int received;
            try
            {
                received = _socket.Receive(bytes);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                throw new IOException(e.Message, e);
            }

            if (received == 0)
            {
                return mayEnd && isFirst ? false : throw new IOException("the connection ended within a message");
            }

            Volatile.Write(ref _wasHeard, 1);
            isFirst = false;
            bytes = bytes[received..];
        }

        return true;
    }
}
