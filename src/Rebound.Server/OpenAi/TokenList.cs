using System.Text.Json;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Reads token ids of requests.</summary>
internal static class TokenList
{
    /// <param name="member">Where they stand, for messages.</param>
    /// <exception cref="ApiException">It is no list of a model's tokens.</exception>
    public static int[] Read(JsonElement list, string member, ServedModel model)
    {
        var vocabulary = model.Weights.Config.VocabularySize;
        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(Token)]
            : throw ApiException.Invalid(member, $"'{member}' has {RequestBody.Kind(list)} where a text or a list of token ids is needed.");

        int Token(JsonElement id) =>
            id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var token) && token >= 0 && token < vocabulary
                ? token
                : throw ApiException.Invalid(
                    member, $"'{member}' has {Shortened(id.GetRawText())}, and token ids are from 0 to {vocabulary - 1}.");
    }

    private static string Shortened(string json) => json.Length > 40 ? json[..40] + "…" : json;
}
