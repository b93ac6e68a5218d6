using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Rebound.Agents.Search;

/// <summary>Fetches a page and takes its text out of the HTML. Size and kind are bounded; what cannot be read has no text.</summary>
public static partial class PageText
{
    private const int MostBytes = 2 << 20;

    /// <summary>Words below which a line of a page is a menu or a button rather than text.</summary>
    private const int FewestWords = 10;

    /// <summary>The text of a page; null where there is none to be had.</summary>
    /// <param name="http">A client of <see cref="PublicHttp"/>.</param>
    public static async Task<string?> FetchAsync(HttpClient http, string address, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return null;
        }

        try
        {
            using var response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var kind = response.Content.Headers.ContentType;
            if (!response.IsSuccessStatusCode || kind?.MediaType is not ("text/html" or "text/plain" or "application/xhtml+xml"))
            {
                return null;
            }

            var text = Decode(await ReadAsync(response.Content, cancellation), kind.CharSet);
            return kind.MediaType == "text/plain" ? text : OfHtml(text);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The lines of a page that are sentences rather than menus.</summary>
    public static string OfHtml(string html)
    {
        var bare = Tags().Replace(Blocks().Replace(Unseen().Replace(html, " "), "\n"), " ");
        var lines = WebUtility.HtmlDecode(bare).Split('\n')
            .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(line => line.Count(unit => unit == ' ') >= FewestWords);
        return string.Join('\n', lines);
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MostBytes];
        var length = await stream.ReadAtLeastAsync(buffer, MostBytes, throwOnEndOfStream: false, cancellation);
        return buffer[..length];
    }

    private static string Decode(byte[] bytes, string? charset) => charset?.Trim('"').ToLowerInvariant() switch
    {
        "iso-8859-1" or "latin1" or "windows-1252" => Encoding.Latin1.GetString(bytes),
        _ => Encoding.UTF8.GetString(bytes),
    };

    [GeneratedRegex(@"<!--.*?-->|<(script|style|noscript|template|svg|head)\b.*?</\1\s*>", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Unseen();

    [GeneratedRegex(@"</?(p|div|li|ul|ol|br|h[1-6]|tr|td|th|table|section|article|header|footer|nav|blockquote|pre)\b[^>]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Blocks();

    [GeneratedRegex("<[^>]*>", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Tags();
}
