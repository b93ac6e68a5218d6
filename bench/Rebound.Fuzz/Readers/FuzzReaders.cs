namespace Rebound.Fuzz.Readers;

/// <summary>Every reader of what others wrote.</summary>
internal static class FuzzReaders
{
    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        .. ModelReaders.All, .. TextReaders.All, .. DataReaders.All, .. YamlReaders.All, .. AgentReaders.All,
        .. ServerReaders.All, .. ApiReaders.All, .. RunReaders.All,
    ];

    public static FuzzReader Find(string name) => All.Append(FaultyReader.Reader).FirstOrDefault(reader => reader.Name == name)
        ?? throw new ArgumentException($"There is no reader '{name}'.");
}
