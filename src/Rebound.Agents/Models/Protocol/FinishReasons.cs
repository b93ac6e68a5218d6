using System.Text.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>Why an answer ended, in the words of OpenAI's protocol.</summary>
internal static class FinishReasons
{
    public const string Stop = "stop";

    public const string ContentFilter = "content_filter";

    public const string ToolCalls = "tool_calls";

    /// <summary>The word for an answer that its server could not end.</summary>
    public const string Error = "error";

    /// <summary>Other names for finish reasons; any name that is not here means that the model ended its turn.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["length"] = "length",
        ["max_tokens"] = "length",
        ["model_length"] = "length",
        ["max_output_tokens"] = "length",
        ["max_length"] = "length",
        ["content_filter"] = ContentFilter,
        ["safety"] = ContentFilter,
        ["recitation"] = ContentFilter,
        ["prohibited_content"] = ContentFilter,
        ["blocklist"] = ContentFilter,
        ["refusal"] = ContentFilter,
        ["sensitive"] = ContentFilter,
        ["tool_calls"] = ToolCalls,
        ["tool_use"] = ToolCalls,
        ["tool_call"] = ToolCalls,
        ["function_call"] = ToolCalls,
        ["error"] = Error,
    };

    /// <summary>The finish reason; null while the answer continues, or where the server gives none.</summary>
    public static string? Of(JsonElement choice) => choice.Member("finish_reason") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString() is { Length: > 0 } word ? Words.GetValueOrDefault(word, Stop) : null,
        _ => Stop,
    };
}
