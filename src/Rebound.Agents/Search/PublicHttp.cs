using System.Net;
using System.Net.Sockets;

namespace Rebound.Agents.Search;

/// <summary>
/// A client for pages that others name: it connects to public addresses only, redirects included. It connects to the address that it
/// checked, so a name that changes its address in between gains nothing.
/// </summary>
public static class PublicHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="mayConnect">Which addresses may be reached; null for <see cref="PublicAddresses.Contains"/>.</param>
    public static HttpClient CreateClient(Func<IPAddress, bool>? mayConnect = null)
    {
        var allowed = mayConnect ?? PublicAddresses.Contains;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = 5,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = Patience,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, allowed, cancellation),
        };
        return new HttpClient(handler) { Timeout = Patience };
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, Func<IPAddress, bool> allowed, CancellationToken cancellation)
    {
        var addresses = (await Dns.GetHostAddressesAsync(target.Host, cancellation)).Where(allowed).ToArray();
        if (addresses.Length == 0)
        {
            throw new HttpRequestException($"{target.Host} has no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
