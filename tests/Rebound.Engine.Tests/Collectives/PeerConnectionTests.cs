using System.Net;
using System.Net.Sockets;
using Rebound.Engine.Collectives.Network;

namespace Rebound.Engine.Tests.Collectives;

public sealed class PeerConnectionTests
{
    [Fact]
    public void Frames_of_any_size_arrive_as_they_were_sent()
    {
        var (one, other) = Pair();
        using (one)
        using (other)
        {
            foreach (var length in new[] { 0, 1, 8186, 8187, 8188, 100_000 })
            {
                var (head, rest) = (new byte[length / 3], new byte[length - (length / 3)]);
                new Random(length).NextBytes(head);
                new Random(length + 1).NextBytes(rest);
                one.Send(FrameKind.Data, head, rest);

                using var frame = other.Receive();
                Assert.Equal(FrameKind.Data, frame!.Value.Kind);
                Assert.True(frame.Value.Payload.SequenceEqual([.. head, .. rest]));
            }

            Assert.True(other.TakeHeard());
            Assert.False(other.TakeHeard());
            one.EndSending();
            Assert.Null(other.Receive());
        }
    }

    /// <summary>The other side hangs, and what is sent no longer fits into the system's buffers.</summary>
    [Fact]
    public async Task A_thread_that_sends_to_who_does_not_read_is_freed_by_closing()
    {
        var (one, other) = Pair();
        using (other)
        {
            var isSending = new TaskCompletionSource();
            var sending = Task.Run(
                () =>
                {
                    var bytes = new byte[1 << 20];
                    while (true)
                    {
                        one.Send(FrameKind.Data, bytes);
                        isSending.TrySetResult();
                    }
                },
                TestContext.Current.CancellationToken);
            await isSending.Task;

            one.TrySend(FrameKind.Heartbeat, [], TimeSpan.Zero);
            one.Dispose();

            await Assert.ThrowsAsync<IOException>(() => sending);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0001\u00ff\u00ff\u00ff\u007f")]
    public void Who_does_not_speak_as_a_rank_does_is_refused(string words)
    {
        var (one, other) = Sockets();
        using var connection = new PeerConnection(other);
        one.Send(words.Select(c => (byte)c).ToArray());

        Assert.Throws<InvalidDataException>(() => connection.Receive(mostBytes: 1 << 20));
        one.Dispose();
    }

    [Fact]
    public void An_end_within_a_frame_is_a_failure()
    {
        var (one, other) = Sockets();
        using var connection = new PeerConnection(other);
        one.Send([(byte)FrameKind.Data, 100, 0, 0, 0, 1, 2, 3]);
        one.Dispose();

        Assert.Throws<IOException>(() => connection.Receive());
    }

    private static (PeerConnection One, PeerConnection Other) Pair()
    {
        var (one, other) = Sockets();
        return (new PeerConnection(one), new PeerConnection(other));
    }

    private static (Socket One, Socket Other) Sockets()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        one.Connect(listener.LocalEndpoint);
        return (one, listener.AcceptSocket());
    }
}
