using System.Globalization;
using System.Text.Json;

namespace Rebound.Hub.Upload;

/// <summary>How the hub asks for a large content: whole, or in parts that it puts together.</summary>
/// <param name="Target">Takes the whole content, or is told that all parts are there.</param>
/// <param name="Headers">To be sent to <see cref="Target"/>.</param>
/// <param name="Parts">Addresses of the parts in order; empty for a whole content.</param>
/// <param name="PartBytes">Bytes of every part but the last.</param>
/// <param name="Verify">Is told that the content was sent; null for nobody.</param>
/// <param name="VerifyHeaders">To be sent to <see cref="Verify"/>.</param>
/// <param name="Json">The answer of the hub that this is.</param>
internal sealed record UploadAction(
    Uri Target, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<Uri> Parts, long PartBytes, Uri? Verify,
    IReadOnlyDictionary<string, string> VerifyHeaders, string Json)
{
    private const string PartBytesName = "chunk_size";

    /// <summary>Whether the storage knows the parts of another action as parts of this one.</summary>
    public bool Continues(UploadAction earlier) =>
        PartBytes == earlier.PartBytes && Parts.Select(Identity).SequenceEqual(earlier.Parts.Select(Identity));

    /// <param name="json">What the answer has for a content; null where the hub has it already.</param>
    /// <param name="size">Bytes of the content.</param>
    /// <exception cref="FormatException">It cannot be used.</exception>
    /// <exception cref="InvalidOperationException">A member has another type.</exception>
    public static UploadAction? Read(JsonElement json, long size)
    {
        if (!json.TryGetProperty("actions", out var actions) || actions.ValueKind != JsonValueKind.Object
            || !actions.TryGetProperty("upload", out var upload))
        {
            return null;
        }

        var (target, headers) = Link(upload);
        var (verify, verifyHeaders) = actions.TryGetProperty("verify", out var link) && link.ValueKind == JsonValueKind.Object
            ? Link(link) : (null, []);
        var (parts, partBytes) = headers.Remove(PartBytesName, out var bytes) ? Split(headers, bytes, size) : ([], size);
        return new UploadAction(
            target, parts.Length > 0 ? [] : headers, parts, partBytes, verify, verifyHeaders, json.GetRawText());
    }

    private static (Uri[] Parts, long PartBytes) Split(Dictionary<string, string> headers, string bytes, long size)
    {
        if (!long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var partBytes) || partBytes < 1)
        {
            throw new FormatException($"'{PartBytesName}' is '{bytes}'");
        }

        var parts = headers.Where(header => header.Key.All(char.IsAsciiDigit))
            .Select(header => (Number: int.Parse(header.Key, CultureInfo.InvariantCulture), header.Value))
            .OrderBy(part => part.Number).Select(part => Address(part.Value)).ToArray();
        var needed = (size + partBytes - 1) / partBytes;
        return parts.Length == needed ? (parts, partBytes)
            : throw new FormatException($"it has {parts.Length} parts of {partBytes} bytes for {size} bytes");
    }

    private static (Uri Target, Dictionary<string, string> Headers) Link(JsonElement link) => (
        Address(link.GetProperty("href").GetString()),
        link.TryGetProperty("header", out var headers) && headers.ValueKind == JsonValueKind.Object
            ? headers.EnumerateObject().ToDictionary(header => header.Name, header => $"{header.Value}") : []);

    private static Uri Address(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address!
            : throw new FormatException("an address is none");

    /// <summary>An address without what changes each time that it is asked for: its path, and the upload's own id.</summary>
    private static string Identity(Uri part) => part.GetLeftPart(UriPartial.Path) + string.Concat(
        part.Query.TrimStart('?').Split('&').Where(pair => pair.StartsWith("uploadId=", StringComparison.OrdinalIgnoreCase)));
}
