using System.Net;
using System.Text;
using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Hub.Transfer;

/// <summary>Sentences for answers by which the hub refuses.</summary>
internal static class HubRefusal
{
    private const int MostReasonBytes = 64 << 10;
    private const int MostReasonLetters = 400;

    /// <summary>The name of what is refused, as the hub has it; empty where it says none.</summary>
    public static string CodeOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";

    /// <summary>Of a request that reads a repository.</summary>
    public static HubException OfReading(HttpResponseMessage response, HubReference model, HubOptions options)
    {
        var code = CodeOf(response);
        var key = options.Token is null
            ? "give a token in HF_TOKEN, or with the hub's own tool in its token file" : "the token does not open it";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when code == "GatedRepo" => new HubException(
                $"{model.Repository} is open to those alone who accepted its terms: accept them at {options.Endpoint}{model.Repository}, "
                    + $"and {key}."),
            HttpStatusCode.NotFound when code == "RevisionNotFound" => new HubException($"{model.Repository} has no such revision."),
            HttpStatusCode.NotFound when code == "EntryNotFound" => new HubException($"{model} has no such file."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => new HubException(
                $"There is no {model.Repository} at {options.Endpoint.Host}, or it is private: check the name, or {key}."),
            var status => new HubException($"{options.Endpoint.Host} answers {(int)status} for {model.Repository}."),
        };
    }

    /// <summary>Of a request that writes into a repository.</summary>
    /// <param name="subject">What is refused, for example <c>the commit</c>.</param>
    public static async Task<HubException> OfWritingAsync(
        HttpResponseMessage response, string subject, HubReference model, HubOptions options, CancellationToken cancellation)
    {
        var reason = await ReasonAsync(response, options.Token, cancellation);
        var host = options.Endpoint.Host;
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new HubException(
                $"{host} does not know the token (401): give one that is valid in HF_TOKEN, or in the hub's token file.{Said(reason)}"),
            HttpStatusCode.Forbidden => new HubException(
                $"{host} does not let the token write to {model.Repository} (403): it needs write access to {model.Owner}'s models. "
                    + $"Another name, or another token in HF_TOKEN, may do.{Said(reason)}"),
            HttpStatusCode.NotFound => new HubException(
                $"There is no {model.Repository} at {host} that the token can write to (404).{Said(reason)}"),
            var status => new HubException($"{host} refuses {subject} of {model.Repository} ({(int)status}).{Said(reason)}"),
        };
    }

    /// <summary>The hub's reason as a sentence to be added to another; empty for none.</summary>
    public static string Said(string reason) => reason.Length == 0 ? "" : $" It says: {reason.TrimEnd('.')}.";

    /// <summary>The reason that an answer gives, in one line and without the token; empty where it gives none.</summary>
    public static async Task<string> ReasonAsync(HttpResponseMessage response, string? token, CancellationToken cancellation)
    {
        var text = response.Headers.TryGetValues("X-Error-Message", out var messages) ? messages.First()
            : Reason(await BeginningAsync(response, cancellation));
        return Cleaned(text, token);
    }

    /// <summary>A text from outside in one line, without the token.</summary>
    public static string Cleaned(string text, string? token)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var safe = token is null ? line : line.Replace(token, "(token)", StringComparison.Ordinal);
        return safe.Length <= MostReasonLetters ? safe : $"{safe[..MostReasonLetters]}…";
    }

    private static async Task<byte[]> BeginningAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            var bytes = new byte[MostReasonBytes];
            return bytes[..await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation)];
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The status says enough.
            return [];
        }
    }

    private static string Reason(byte[] body)
    {
        try
        {
            var json = StrictJson.ParseElement(body, DuplicateNames.LastCounts);
            foreach (var name in (string[])["error", "message"])
            {
                if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
                    && value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString()!;
                }
            }

            return "";
        }
        catch (JsonException)
        {
            // A page for people, or XML of a storage: its text is left out but for a code within.
            var text = Encoding.UTF8.GetString(body);
            return text.Split("<Code>") is [_, var rest, ..] && rest.Split("</Code>") is [var code, _, ..] ? code
                : text.StartsWith('<') ? "" : text;
        }
    }
}
