using System.Net.Sockets;

namespace Rebound.Agents.Models.Protocol;

/// <summary>A server that no connection can be made to.</summary>
internal sealed class UnreachableServerException(Uri server, Uri? proxy, HttpRequestException cause)
    : Exception(Describe(server, proxy, cause), cause)
{
    /// <summary>Whether a failure happened on connecting, before the request was sent.</summary>
    public static bool Is(HttpRequestException failure) => failure.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static string Describe(Uri server, Uri? proxy, HttpRequestException cause)
    {
        var address = (proxy ?? server).GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        var name = proxy is null ? address : $"the proxy {address}";
        var way = proxy is null ? "" : $" The environment names it as the way to {server.Host}.";
        var refused = cause.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        return cause.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                $"there is no host {(proxy ?? server).Host}, which {name} names: is the address right?{way}",
            HttpRequestError.SecureConnectionError => $"{name} makes no secure connection: does it speak https? ({Innermost(cause)})",
            HttpRequestError.ProxyTunnelError => $"{name} does not connect to {server.Host} ({cause.Message}).{way}",
            _ when refused => $"{name} refuses the connection: is the server running, and is the port right?{way}",
            _ => $"{name} cannot be reached: is the server running, and is the address right? ({Innermost(cause)}){way}",
        };
    }

    private static string Innermost(Exception failure) =>
        failure.InnerException is { } inner ? Innermost(inner) : failure.Message.TrimEnd('.');
}
