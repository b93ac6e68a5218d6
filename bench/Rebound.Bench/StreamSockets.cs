using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rebound.Bench;

/// <summary>
/// Reads streamed answers by one thread and with nothing between it and the sockets, so that what is measured beside it is the server.
/// </summary>
internal static class StreamSockets
{
    /// <summary>Posts bodies, one on a connection each, and reads all answers to their ends.</summary>
    /// <exception cref="InvalidOperationException">An answer is no success.</exception>
    public static void Read(Uri server, string path, IReadOnlyList<string> bodies)
    {
        var open = bodies.Select(body => Post(server, path, body)).ToList();
        var begun = new HashSet<Socket>();
        var buffer = new byte[64 << 10];
        while (open.Count > 0)
        {
            var ready = open.ToList();
            Socket.Select(ready, null, null, TimeSpan.FromMinutes(10));
            foreach (var socket in ready)
            {
                var count = socket.Receive(buffer);
                if (count > 0 && begun.Add(socket) && !buffer.AsSpan(0, count).StartsWith("HTTP/1.1 200"u8))
                {
                    throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, count));
                }

                if (count == 0)
                {
                    open.Remove(socket);
                    socket.Dispose();
                }
            }
        }
    }

    private static Socket Post(Uri server, string path, string body)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Parse(server.Host), server.Port);
        socket.Send(Encoding.UTF8.GetBytes(
            $"POST /{path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        return socket;
    }
}
