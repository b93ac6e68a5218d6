using System.Buffers;

namespace Rebound.Engine.Collectives.Network;

/// <summary>The kinds of what goes over a connection between ranks.</summary>
internal enum FrameKind : byte
{
    /// <summary>From who listens: that it is a rank of this program, and of which job.</summary>
    Greeting = 1,

    /// <summary>From who connected: its rank, and what has to be the same on all.</summary>
    Hello,

    /// <summary>All ranks have come and agree.</summary>
    Welcome,

    /// <summary>They do not; a sentence.</summary>
    Refusal,

    /// <summary>A sign of life.</summary>
    Heartbeat,

    /// <summary>A collective's call and message, or those of all ranks in answer.</summary>
    Message,

    /// <summary>A tensor's bytes.</summary>
    Data,

    /// <summary>The failure of a rank.</summary>
    Failure,

    /// <summary>The rank leaves in good order.</summary>
    Farewell,
}

/// <summary>Something that was received; its memory goes back to the pool with it.</summary>
internal readonly struct Frame(FrameKind kind, byte[] buffer, int length) : IDisposable
{
    /// <summary>Kind and length go before the payload.</summary>
    public const int HeaderBytes = 1 + sizeof(int);

    public FrameKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Payload => buffer.AsSpan(0, length);

    /// <summary>The payload as memory, to be pinned.</summary>
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
