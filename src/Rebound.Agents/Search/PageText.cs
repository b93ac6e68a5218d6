using System.Text;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;

namespace Rebound.Agents.Search;

/// <summary>
/// Fetches a page and takes its text out of the HTML. Size, kind and time are bounded; what cannot be read has no text. The tags are
/// taken one by one and no tree is built of them, so that what a page costs grows with its size and nothing else.
/// </summary>
public static class PageText
{
    private const int MostBytes = 2 << 20;

    /// <summary>Words below which a line of a page is a menu or a button rather than text.</summary>
    private const int FewestWords = 10;

    /// <summary>Elements whose content is not shown.</summary>
    private static readonly HashSet<string> Unseen = ["head", "iframe", "noembed", "noframes", "noscript", "script", "style",
        "svg", "template", "title"];

    /// <summary>Elements that begin and end a line.</summary>
    private static readonly HashSet<string> Blocks =
    [
        "article", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
        "li", "main", "nav", "ol", "option", "p", "pre", "section", "table", "td", "th", "tr", "ul",
    ];

    /// <summary>The text of a page; null where there is none to be had.</summary>
    /// <param name="http">A client of <see cref="PublicHttp"/>.</param>
    /// <param name="patience">How long the page and its text may take.</param>
    public static async Task<string?> FetchAsync(HttpClient http, string address, TimeSpan patience, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            using var response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var kind = response.Content.Headers.ContentType;
            if (!response.IsSuccessStatusCode || kind?.MediaType is not ("text/html" or "text/plain" or "application/xhtml+xml"))
            {
                return null;
            }

            var text = Decode(await ReadAsync(response.Content, limit.Token), kind.CharSet);
            return kind.MediaType == "text/plain" ? text : OfHtml(text, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The lines of a page that are sentences rather than menus.</summary>
    public static string OfHtml(string html, CancellationToken cancellation = default) =>
        string.Join('\n', Seen(html, cancellation).Split('\n')
            .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(line => line.Count(' ') >= FewestWords));

    /// <summary>The visible text of a page, with block elements on lines of their own.</summary>
    private static string Seen(string html, CancellationToken cancellation)
    {
        using var source = new TextSource(html);
        using var tokens = new HtmlTokenizer(source, HtmlEntityProvider.Resolver) { SkipComments = true };
        var text = new StringBuilder();
        var hidden = (Name: "", Depth: 0);
        for (var token = tokens.Get(); token.Type != HtmlTokenType.EndOfFile; token = tokens.Get())
        {
            cancellation.ThrowIfCancellationRequested();
            var opens = token is HtmlTagToken { Type: HtmlTokenType.StartTag, IsSelfClosing: false };
            if (opens)
            {
                tokens.State = ModeWithin(token.Name);
            }

            if (hidden.Depth > 0)
            {
                hidden.Depth += token.Name != hidden.Name ? 0 : opens ? 1 : token.Type == HtmlTokenType.EndTag ? -1 : 0;

                // The end of a page's head may be left out.
                hidden = hidden.Name == "head" && token.Name == "body" ? ("", 0) : hidden;
            }
            else if (token.Type == HtmlTokenType.Character)
            {
                text.Append(token.Data).Replace('\n', ' ', text.Length - token.Data.Length, token.Data.Length);
            }
            else if (opens && Unseen.Contains(token.Name))
            {
                hidden = (token.Name, 1);
            }
            else if (Blocks.Contains(token.Name))
            {
                text.Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>How what follows a tag is read: tags in a script are none.</summary>
    private static HtmlParseMode ModeWithin(string element) => element switch
    {
        "script" => HtmlParseMode.Script,
        "style" or "xmp" or "iframe" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
        "title" or "textarea" => HtmlParseMode.RCData,
        "plaintext" => HtmlParseMode.Plaintext,
        _ => HtmlParseMode.PCData,
    };

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
}
