namespace Rebound.Engine.Collectives.Network;

/// <summary>A rank's own words when it comes to the others.</summary>
/// <param name="Host">Its machine, by a name that no other has.</param>
/// <param name="Problem">Why it cannot begin; empty where it can.</param>
internal sealed record RankHello(
    int Rank, int Size, string Host, int ProcessId, string ComputeDevice, IReadOnlyDictionary<string, string> Facts, string Problem = "")
{
    /// <summary>The most bytes that one takes.</summary>
    public const int MostBytes = 4 << 20;

    /// <summary>This machine, by a name that no other has.</summary>
    public static string ThisHost { get; } = $"{Environment.MachineName} {BootId()}";

    public static RankHello Of(RankMembership membership) => new(
        membership.Rank, membership.Size, ThisHost, Environment.ProcessId, membership.ComputeDevice, membership.Facts,
        membership.Problem);

    public byte[] Write() => RankWords.Write(writer =>
    {
        writer.Write(Rank);
        writer.Write(Size);
        writer.Write(Host);
        writer.Write(ProcessId);
        writer.Write(ComputeDevice);
        writer.Write(Problem);
        writer.Write(Facts.Count);
        foreach (var (name, value) in Facts.OrderBy(fact => fact.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.Write(value);
        }
    });

    /// <exception cref="InvalidDataException">These are no such bytes.</exception>
    public static RankHello Read(ReadOnlySpan<byte> payload) => RankWords.Read(payload, Read, "A rank's introduction cannot be read.");

    private static RankHello Read(BinaryReader reader)
    {
        var (rank, size, host) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadString());
        var (process, device, problem, count) = (reader.ReadInt32(), reader.ReadString(), reader.ReadString(), reader.ReadInt32());
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            facts[reader.ReadString()] = reader.ReadString();
        }

        return new RankHello(rank, size, host, process, device, facts, problem);
    }

    /// <summary>Tells machines of one name apart; empty where the system keeps none.</summary>
    private static string BootId()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }
}
