namespace Rebound.Engine.Collectives.Network;

/// <summary>
/// The first words on a connection, from who listens: who connected says nothing before, so that a program of another kind that has
/// the port is not disturbed.
/// </summary>
/// <param name="Listener">Names who listens among all, so that a rank that comes to itself notices.</param>
internal sealed record RankGreeting(string Job, int Rank, string Listener)
{
    /// <summary>The most bytes that one takes.</summary>
    public const int MostBytes = 64 << 10;

    /// <summary>The protocol of this version of the program: others are not understood.</summary>
    private const string Protocol = "rebound ranks 2";

    public byte[] Write() => RankWords.Write(writer =>
    {
        writer.Write(Protocol);
        writer.Write(Job);
        writer.Write(Rank);
        writer.Write(Listener);
    });

    /// <exception cref="InvalidDataException">Another program, or another version of this one.</exception>
    public static RankGreeting Read(Frame frame)
    {
        var isGreeting = frame.Kind == FrameKind.Greeting;
        return RankWords.Read(
            frame.Payload,
            reader => isGreeting && reader.ReadString() == Protocol
                ? new RankGreeting(reader.ReadString(), reader.ReadInt32(), reader.ReadString())
                : throw new InvalidDataException("something else than this version of rebound listens there"),
            "something else than rebound listens there");
    }
}
