using System.Net;
using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;

namespace Rebound.Server.Security;

/// <summary>
/// Keeps pages of other sites from using the server through a browser on this machine. A page whose name was made to point here (DNS
/// rebinding) is told by the Host that it was opened under; any other one by Origin and Sec-Fetch-Site, which browsers send and pages
/// cannot change.
/// </summary>
/// <param name="hosts">Names beside localhost and addresses that the server goes by.</param>
internal sealed class BrowserGuard(IReadOnlyList<string> hosts)
{
    private static readonly string[] OwnSites = ["same-origin", "none"];

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!IsKnown(request.Host.Host))
        {
            throw ApiException.Forbidden(
                $"This server does not go by the name '{Shortened(request.Host.Host)}': use its address or localhost, or start it with "
                    + "--allowed-host.");
        }

        if (request.Headers.Origin is [{ } origin, ..] && !IsOwn(origin, request))
        {
            throw ApiException.Forbidden($"Pages of '{Shortened(origin)}' may not use this server.");
        }

        return request.Headers["Sec-Fetch-Site"] is [{ } site, ..] && !OwnSites.Contains(site, StringComparer.Ordinal) && !IsLink(request)
            ? throw ApiException.Forbidden("Pages of other sites may not use this server.")
            : next(context);
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && string.Equals($"{uri.Scheme}://{uri.Authority}", $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a person followed a link to here, which shows that site nothing of what is answered.</summary>
    private static bool IsLink(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && request.Headers["Sec-Fetch-Mode"] is ["navigate"] && request.Headers["Sec-Fetch-Dest"] is ["document"];

    private static string Shortened(string text) => text.Length > 100 ? text[..100] + "…" : text;

    /// <summary>Whether it is a name that nobody else's server can give: an address, localhost, or one of the server's own.</summary>
    private bool IsKnown(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _)
        || hosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}
