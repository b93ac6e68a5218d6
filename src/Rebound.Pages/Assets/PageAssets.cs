using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rebound.Study.Reporting;

namespace Rebound.Pages.Assets;

/// <summary>
/// Styles, scripts and pictures of the pages. Their folder's address holds a digest of them all: browsers keep them for good, and
/// modules of script find each other by their names alone.
/// </summary>
internal static class PageAssets
{
    private const string Prefix = "Assets/";

    private static readonly Dictionary<string, byte[]> Files = Read();

    private static readonly string Folder = $"/assets/{Digest()}/";

    /// <summary>The address of one.</summary>
    /// <param name="name">For example <c>page.css</c>.</param>
    public static string Url(string name) => Files.ContainsKey(name) ? Folder + name : throw new KeyNotFoundException(name);

    /// <summary>They hold nothing of what the server serves, so that the page that asks for the key can have them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var (name, bytes) in Files)
        {
            endpoints.MapGet(Folder + name, context => WriteAsync(context, TypeOf(name), bytes)).AllowAnonymous();
        }
    }

    private static async Task WriteAsync(HttpContext context, string type, byte[] bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"{name} is of no kind that the pages have."),
    };

    private static Dictionary<string, byte[]> Read()
    {
        var assembly = typeof(PageAssets).Assembly;
        var files = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            });
        files.Add("report.css", System.Text.Encoding.UTF8.GetBytes(ReportStyle.Css));
        return files;
    }

    private static string Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, bytes) in Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            digest.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            digest.AppendData(bytes);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset())[..12];
    }
}
