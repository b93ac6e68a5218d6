using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rebound.Files.Json;

namespace Rebound.Server.Http;

/// <summary>Reads a request's body, which is a JSON object.</summary>
internal static class RequestBody
{
    /// <exception cref="ApiException">It is none, or a member is of another type than it may be.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context) => Read<T>(await BytesAsync(context));

    /// <inheritdoc cref="ReadAsync"/>
    public static T Read<T>(byte[] body)
    {
        var element = Parse(body);
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.Invalid(null, $"The body is {Kind(element)}, and must be a JSON object.");
        }

        try
        {
            return element.Deserialize<T>(WireJson.Serializer)!;
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid(e.Path?.TrimStart('$').TrimStart('.'), $"The request cannot be used: {JsonProblem.Sentence(e)}.", e);
        }
    }

    /// <summary>For messages: an object, a list, a text, a number, true, false or null.</summary>
    public static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static async Task<byte[]> BytesAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new ApiException(
                e.StatusCode, "invalid_request_error",
                $"The body is larger than the {Limit(context)} bytes that this server takes: shorten it.", e)
            {
                Code = "request_too_large",
            };
        }
        catch (BadHttpRequestException e)
        {
            throw new ApiException(e.StatusCode, "invalid_request_error", $"The body cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static string Limit(HttpContext context) =>
        $"{context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize:N0}";

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return StrictJson.ParseElement(body, DuplicateNames.LastCounts);
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid(null, $"The body is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
    }
}
