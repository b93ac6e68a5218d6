using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Server.OpenAi;

/// <summary>Tokens that a request took.</summary>
/// <param name="Prompt">Read, once for all answers.</param>
/// <param name="Cached">Of those that were found in the cache.</param>
/// <param name="Completion">Generated, of all answers.</param>
internal readonly record struct Usage(int Prompt, int Cached, int Completion)
{
    /// <summary>The tokens of both.</summary>
    public static Usage operator +(Usage one, Usage other) =>
        new(one.Prompt + other.Prompt, one.Cached + other.Cached, one.Completion + other.Completion);

    /// <summary>The same as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["prompt_tokens"] = Prompt,
        ["completion_tokens"] = Completion,
        ["total_tokens"] = Prompt + Completion,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = Cached },
    };

    /// <summary>Writes it as chats and completions have it.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", Prompt);
        writer.WriteNumber("completion_tokens", Completion);
        writer.WriteNumber("total_tokens", Prompt + Completion);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", Cached);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
