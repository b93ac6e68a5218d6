using System.Buffers.Binary;

namespace Rebound.Engine.Collectives.Network;

/// <summary>Messages of all ranks for all ranks: each goes to the hub, which compares the calls and sends all of them back.</summary>
internal sealed class RankExchange(RankNetwork network)
{
    /// <summary>A call's kind, type, number of elements and root.</summary>
    private const int CallBytes = 2 + sizeof(long) + sizeof(int);

    private readonly byte[] _call = new byte[CallBytes];

    public RankNetwork Network => network;

    /// <summary>The messages by rank.</summary>
    /// <exception cref="CommunicationException">A rank failed, or called something else.</exception>
    public byte[][] Exchange(ReadOnlySpan<byte> message, CollectiveCall call)
    {
        if (network.IsHub)
        {
            return Collect(message, call);
        }

        Write(call);
        network.Send(network.Hub, FrameKind.Message, _call, message);
        using var frame = Expect(network.Hub, FrameKind.Message, call);
        var messages = new byte[network.Size][];
        var rest = frame.Payload;
        for (var rank = 0; rank < messages.Length; rank++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            messages[rank] = rest.Slice(sizeof(int), length).ToArray();
            rest = rest[(sizeof(int) + length)..];
        }

        return messages;
    }

    /// <summary>Returns when all ranks have come with the same call.</summary>
    public void Meet(CollectiveCall call) => Exchange([], call);

    /// <summary>The next that a rank sends, which has to be of a kind.</summary>
    public Frame Expect(int rank, FrameKind kind, CollectiveCall call)
    {
        var frame = network.Receive(rank, call);
        if (frame.Kind == kind)
        {
            return frame;
        }

        frame.Dispose();
        throw Failed(new CommunicationException(rank, $"sent a {frame.Kind} in {call} where a {kind} belongs"));
    }

    private byte[][] Collect(ReadOnlySpan<byte> message, CollectiveCall call)
    {
        var (messages, calls) = (new byte[network.Size][], new CollectiveCall[network.Size]);
        (messages[network.Rank], calls[network.Rank]) = (message.ToArray(), call);
        for (var rank = 0; rank < network.Size; rank++)
        {
            if (rank != network.Rank)
            {
                using var frame = Expect(rank, FrameKind.Message, call);
                (calls[rank], messages[rank]) = (Read(frame.Payload), frame.Payload[CallBytes..].ToArray());
            }
        }

        if (CollectiveCall.Difference(calls) is { } difference)
        {
            throw Failed(difference);
        }

        var all = Joined(messages);
        for (var rank = 0; rank < network.Size; rank++)
        {
            if (rank != network.Rank)
            {
                network.Send(rank, FrameKind.Message, all);
            }
        }

        return messages;
    }

    private static byte[] Joined(byte[][] messages)
    {
        var all = new byte[checked(messages.Sum(message => sizeof(int) + message.Length))];
        var rest = all.AsSpan();
        foreach (var message in messages)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, message.Length);
            message.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + message.Length)..];
        }

        return all;
    }

    private CommunicationException Failed(CommunicationException failure)
    {
        network.Fail(failure);
        return failure;
    }

    private void Write(CollectiveCall call)
    {
        (_call[0], _call[1]) = ((byte)call.Kind, (byte)call.Type);
        BinaryPrimitives.WriteInt64LittleEndian(_call.AsSpan(2), call.Count);
        BinaryPrimitives.WriteInt32LittleEndian(_call.AsSpan(2 + sizeof(long)), call.Root);
    }

    private static CollectiveCall Read(ReadOnlySpan<byte> bytes) => new(
        (CollectiveKind)bytes[0],
        (DType)bytes[1],
        BinaryPrimitives.ReadInt64LittleEndian(bytes[2..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[(2 + sizeof(long))..]));
}
