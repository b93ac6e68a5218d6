using System.Text.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// Recognizes errors that say that the conversation itself is unfit, which is an answer to it and no failure of the server.
/// </summary>
internal static class ContentFilters
{
    /// <param name="body">Of the refusal: Azure's has the code <c>content_filter</c>, OpenRouter's the reasons of its moderation.</param>
    public static bool IsMeant(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Member("error") is { } error
                && (error.Text("code") == FinishReasons.ContentFilter || error.Member("metadata")?.Member("reasons") is not null);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
