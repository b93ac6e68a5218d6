namespace Rebound.Agents.Models.Protocol;

/// <summary>Recognizes what servers say where a conversation is longer than their model reads.</summary>
internal static class ContextLength
{
    private static readonly string[] Words =
    [
        "context length", "context_length", "context size", "context_size", "context window", "maximum context", "prompt is too long",
        "too many tokens",
    ];

    public static bool IsMeant(string text) => Words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
