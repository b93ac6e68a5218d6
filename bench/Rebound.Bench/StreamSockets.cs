using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rebound.Bench;

/// <summary>
/// Reads streamed answers by one thread and with nothing between it and the sockets, so that what is measured beside it is the server.
/// Connections are kept for the next answers, as clients do.
/// </summary>
internal sealed class StreamSockets : IDisposable
{
    /// <summary>The end of a body in chunks, behind that of the last one.</summary>
    private static readonly byte[] End = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Uri _server;
    private readonly Connection[] _connections;
    private readonly byte[] _buffer = new byte[64 << 10];

    public StreamSockets(Uri server, int connections)
    {
        _server = server;
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Connection(server))];
    }

    /// <summary>Posts bodies, one on each connection, and reads all answers to their ends.</summary>
    /// <exception cref="InvalidOperationException">An answer is no success, or not whole.</exception>
    public void Read(string path, IReadOnlyList<byte[]> bodies)
    {
        var open = new Dictionary<Socket, Connection>();
        foreach (var (connection, body) in _connections.Zip(bodies))
        {
            connection.Post(_server, path, body);
            open.Add(connection.Socket, connection);
        }

        while (open.Count > 0)
        {
            var ready = open.Keys.ToList();
            Socket.Select(ready, null, null, TimeSpan.FromMinutes(10));
            foreach (var socket in ready)
            {
                if (open[socket].Receive(_buffer))
                {
                    open.Remove(socket);
                }
            }
        }
    }

    public void Dispose() => Array.ForEach(_connections, connection => connection.Socket.Dispose());

    private sealed class Connection
    {
        private readonly byte[] _last = new byte[End.Length];
        private bool _hasBegun;

        public Connection(Uri server)
        {
            Socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(IPAddress.Parse(server.Host), server.Port);
        }

        public Socket Socket { get; }

        public void Post(Uri server, string path, byte[] body)
        {
            _hasBegun = false;
            var head = $"POST /{path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n";
            Socket.Send([.. Encoding.ASCII.GetBytes(head), .. body]);
        }

        /// <returns>Whether the answer is whole.</returns>
        public bool Receive(byte[] buffer)
        {
            var received = buffer.AsSpan(0, Socket.Receive(buffer));
            if (received.IsEmpty || (!_hasBegun && !received.StartsWith("HTTP/1.1 200"u8)))
            {
                throw new InvalidOperationException(received.IsEmpty ? "An answer broke off." : Encoding.UTF8.GetString(received));
            }

            _hasBegun = true;
            var kept = Math.Max(0, _last.Length - received.Length);
            _last.AsSpan(_last.Length - kept).CopyTo(_last);
            received[^(_last.Length - kept)..].CopyTo(_last.AsSpan(kept));
            return _last.AsSpan().SequenceEqual(End);
        }
    }
}
