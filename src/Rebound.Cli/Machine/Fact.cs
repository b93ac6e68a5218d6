using System.Text.Json.Nodes;

namespace Rebound.Cli.Machine;

/// <summary>Something found out about the machine, for people and for programs.</summary>
/// <param name="Name">Its name for people, for example <c>instruction sets</c>.</param>
/// <param name="Key">Its name in JSON, for example <c>instruction_sets</c>.</param>
/// <param name="Text">For people.</param>
/// <param name="Value">For programs.</param>
internal sealed record Fact(string Name, string Key, string Text, JsonNode? Value)
{
    public static Fact Of(string name, string key, string text) => new(name, key, text, JsonValue.Create(text));

    /// <summary>An amount of memory, in bytes for programs; null: it is not known.</summary>
    public static Fact OfBytes(string name, string key, long? bytes, string unknown) =>
        new(name, key, bytes is { } known ? Bytes(known) : unknown, bytes);

    /// <summary>For example <c>23.5 GiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):F1} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):F1} MiB",
        _ => $"{bytes} bytes",
    };
}
